"""What staff call a message, by the event that it is composed from: one for each type of `composers.COMPOSERS`, and for
the code to sign in, the reminder and the notice about a webhook, which jobs compose."""

from app.kernel.i18n import N_

MESSAGE_NAMES = {
    "code.requested": N_("Código para entrar"),
    "code.issued-at-desk": N_("Código dado en recepción"),
    "identity.new-device": N_("Entrada desde un equipo nuevo"),
    "account.contact-changed": N_("Cambio de contacto"),
    "mandate.granted": N_("Permiso dado"),
    "mandate.revoked": N_("Permiso quitado"),
    "nss.reminded": N_("Recordatorio del número de seguridad social"),
    "appointment.reminder": N_("Recordatorio de una cita"),
    "appointment.booked": N_("Cita reservada"),
    "appointment.moved": N_("Cita movida a otro horario"),
    "appointment.cancelled": N_("Cita cancelada"),
    "appointment.affected": N_("La clínica avisó que no atenderá a esa hora"),
    "appointment.reinstated": N_("La clínica sí atenderá: la cita sigue en pie"),
    "wait-offer.made": N_("Horario liberado que se ofreció"),
    "wait-entry.paused": N_("La lista de espera quedó en pausa"),
    "draw-registration.without-seat": N_("No alcanzó horario en un sorteo"),
    "wait-entry.ended": N_("Salió de la lista de espera"),
    "webhook.disabled": N_("Se desactivó un webhook"),
    "relative.registered": N_("Familiar registrado"),
    "relative.registration-undone": N_("Registro de un familiar deshecho"),
    "yearly-statement.due": N_("Resumen del año listo"),
    "request.submitted": N_("La recibimos"),
    "request.information-requested": N_("Le pedimos algo; el plazo se detuvo"),
    "request.decided": N_("Se decidió"),
    "request.approval-undone": N_("Se deshizo la aprobación; se revisa otra vez"),
    "request.message-posted": N_("Hay un mensaje nuevo"),
    "request.visit-invited": N_("Se hizo una cita en ventanilla; el plazo se detuvo"),
    "request.answer-due-soon": N_("Faltan 3 días para responder"),
    "request.due-date-moved": N_("Se decide más tarde"),
    "request.draft-left-open": N_("Quedó una solicitud sin enviar"),
    "request.lapsed": N_("Se desechó: venció el plazo para responder"),
}

DELIVERY_STATES = {
    "queued": N_("Por salir"),
    "sent": N_("Enviado"),
    "delivered": N_("Llegó"),
    "failed-temporary": N_("No ha llegado; se sigue intentando"),
    "failed-permanent": N_("No llegó"),
    "uncertain": N_("No se sabe si salió"),
    "dropped": N_("Ya no hacía falta"),
}
"""How far a message came, for staff."""
CHANNELS = {"email": N_("correo"), "sms": N_("mensaje de texto"), "push": N_("aviso en el navegador")}
