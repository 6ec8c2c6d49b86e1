"""The routes there are, and what they declare."""

from collections.abc import Iterator
from typing import Any

from fastapi.dependencies.models import Dependant


def calls(dependant: Dependant) -> Iterator[Any]:
    for inner in dependant.dependencies:
        yield inner.call
        yield from calls(inner)


def headers(dependant: Dependant) -> set[str]:
    """The headers that a route takes."""
    found = {one.alias.lower() for one in dependant.header_params}
    return found.union(*(headers(inner) for inner in dependant.dependencies))


LOW = """
    APPOINTMENTS: book, move and cancel those of one's own
    DELETE /api/v1/holds/{hold_id}
    GET /api/v1/appointments
    GET /api/v1/appointments/{folio}
    GET /api/v1/appointments/{folio}/calendar.ics
    GET /api/v1/appointments/{folio}/events
    GET /api/v1/appointments/{folio}/offer
    GET /api/v1/availability
    GET /api/v1/availability/{day}
    GET /citas/clinica
    GET /citas/dia
    GET /citas/hora
    GET /citas/horario/{code}
    GET /citas/listo
    GET /citas/motivo
    GET /citas/quien
    GET /citas/revisar
    GET /citas/{folio}
    GET /citas/{folio}/cancelar
    GET /citas/{folio}/cita.ics
    GET /citas/{folio}/eventos
    GET /citas/{folio}/tarjeta
    DELETE /api/v1/draw-registrations/{registration_id}
    GET /api/v1/draw-registrations
    GET /api/v1/draw-registrations/{registration_id}
    GET /citas/registros/{registration_id}
    GET /citas/sorteos/{draw_id}
    POST /api/v1/draws/{draw_id}/registrations
    POST /citas/registros/{registration_id}
    POST /citas/sorteos/{draw_id}
    DELETE /api/v1/wait-list/{entry_id}
    GET /api/v1/wait-list
    GET /api/v1/wait-list/{entry_id}
    GET /citas/aviso
    GET /citas/avisos/{entry_id}
    GET /mi/avisos
    POST /api/v1/wait-list
    POST /api/v1/wait-list/{entry_id}/resume
    POST /api/v1/wait-offers/{offer_id}/accept
    POST /api/v1/wait-offers/{offer_id}/decline
    POST /citas/aviso
    POST /citas/avisos/{entry_id}
    PUT /api/v1/wait-list/{entry_id}
    POST /api/v1/appointments
    POST /api/v1/appointments/{folio}/cancel
    POST /api/v1/appointments/{folio}/feedback
    POST /api/v1/appointments/{folio}/move
    POST /api/v1/appointments/{folio}/offer/accept
    POST /api/v1/holds
    POST /citas/clinica
    POST /citas/dia
    POST /citas/hora
    POST /citas/motivo
    POST /citas/quien
    POST /citas/revisar
    POST /citas/{folio}/cancelar
    POST /citas/{folio}/mover
    POST /citas/{folio}/oferta
    POST /citas/{folio}/opinion

    FHIR: the same over another standard; of a patient only where they are attended
    GET /fhir/r4/Appointment
    GET /fhir/r4/Appointment/$find
    GET /fhir/r4/Appointment/{id_}
    GET /fhir/r4/AppointmentResponse
    GET /fhir/r4/AppointmentResponse/{id_}
    GET /fhir/r4/Patient
    GET /fhir/r4/Patient/{id_}
    PATCH /fhir/r4/Appointment/{id_}
    POST /fhir/r4/Appointment
    POST /fhir/r4/Appointment/$book
    POST /fhir/r4/Appointment/$find
    POST /fhir/r4/Appointment/$hold
    POST /fhir/r4/Appointment/_search
    POST /fhir/r4/AppointmentResponse
    POST /fhir/r4/AppointmentResponse/_search
    POST /fhir/r4/Patient/_search
    PUT /fhir/r4/Appointment/{id_}

    REQUESTS: of the services at the low level, which `own_request` and `standing_of` look at;
    of documents only the refusal of who declared who they are (`require_level`)
    DELETE /api/v1/requests/{folio}
    DELETE /api/v1/requests/{folio}/documents/{document_id}
    GET /api/v1/requests
    GET /api/v1/requests/{folio}
    GET /api/v1/requests/{folio}/certificate
    GET /api/v1/requests/{folio}/documents/{document_id}
    GET /api/v1/requests/{folio}/events
    GET /api/v1/requests/{folio}/units
    GET /tramites/{folio:folio}
    GET /tramites/{folio:folio}/constancia
    GET /tramites/{folio:folio}/documentos
    GET /tramites/{folio:folio}/documentos/{document_id}
    GET /tramites/{folio:folio}/eventos
    GET /tramites/{folio:folio}/listo
    GET /tramites/{folio:folio}/paso/{number}
    GET /tramites/{folio:folio}/paso/{number}/unidades
    GET /tramites/{folio:folio}/responder
    GET /tramites/{folio:folio}/responder/unidades
    GET /tramites/{folio:folio}/retirar
    GET /tramites/{folio:folio}/revisar
    GET /tramites/{folio:folio}/revision
    GET /tramites/{service_id}/quien
    PATCH /api/v1/requests/{folio}
    POST /api/v1/requests
    POST /api/v1/requests/{folio}/answer
    POST /api/v1/requests/{folio}/appeal
    POST /api/v1/requests/{folio}/documents
    POST /api/v1/requests/{folio}/feedback
    POST /api/v1/requests/{folio}/messages
    POST /api/v1/requests/{folio}/submit
    POST /api/v1/requests/{folio}/withdraw
    POST /tramites/{folio:folio}/descartar
    POST /tramites/{folio:folio}/documentos
    POST /tramites/{folio:folio}/documentos/{document_id}/quitar
    POST /tramites/{folio:folio}/mensajes
    POST /tramites/{folio:folio}/opinion
    POST /tramites/{folio:folio}/paso/{number}
    POST /tramites/{folio:folio}/paso/{number}/unidades
    POST /tramites/{folio:folio}/responder/documentos
    POST /tramites/{folio:folio}/responder/unidades
    POST /tramites/{folio:folio}/retirar
    POST /tramites/{folio:folio}/revisar
    POST /tramites/{folio:folio}/revision
    POST /tramites/{service_id}/quien

    THE ACCOUNT: what is one's own of it, and the way to the full level
    GET /api/v1/me
    DELETE /api/v1/me/push-subscriptions/{subscription_id}
    GET /api/v1/me/push-subscriptions
    GET /api/v1/me/reminders
    GET /mi
    GET /mi/borrar
    GET /mi/confirmar
    GET /mi/contacto
    GET /mi/contacto/codigo
    GET /mi/numero
    POST /api/v1/me/contact-changes
    POST /api/v1/me/nss-reminders
    POST /api/v1/me/push-subscriptions
    PUT /api/v1/me/contact
    POST /api/v1/sign-out
    POST /mi/borrar
    POST /mi/confirmar
    POST /mi/contacto
    POST /mi/contacto/codigo
    POST /mi/numero
    POST /mi/idioma
    GET /mi/navegadores
    POST /mi/navegadores
    POST /mi/navegadores/{subscription_id}/quitar
    GET /mi/recordatorios
    POST /mi/recordatorios
    PUT /api/v1/me/reminders

    ANSWERS: the page that answered a form of one's own; one that was shown at the full level needs it again
    GET /respuesta/{number}
"""


METHODS = ("DELETE ", "GET ", "PATCH ", "POST ", "PUT ")


def declared(text: str) -> set[str]:
    return {line.strip() for line in text.splitlines() if line.strip().startswith(METHODS)}
