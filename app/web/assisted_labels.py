"""Labels of assistance: channels, checks of identity, documents, questions."""

from app.kernel.i18n import N_

CHANNELS: dict[str, str] = {"desk": N_("En la ventanilla"), "phone": N_("Por teléfono")}
CHECKS: dict[str, str] = {
    "document": N_("con un documento"),
    "questions": N_("con preguntas"),
    "code": N_("con un código a su contacto"),
}
DOCUMENTS: dict[str, str] = {
    "voter-card": N_("Credencial para votar"),
    "passport": N_("Pasaporte"),
    "professional-card": N_("Cédula profesional"),
    "military-card": N_("Cartilla militar"),
    "older-adult-card": N_("Credencial del INAPAM"),
    "resident-card": N_("Tarjeta de residente"),
}
QUESTIONS: dict[str, str] = {
    "birth": N_("¿Cuál es su fecha de nacimiento?"),
    "nss-end": N_("¿Cuáles son los últimos cuatro números de su seguro social?"),
    "postal-code": N_("¿Cuál es el código postal de su casa?"),
    "room": N_("¿En qué consultorio lo atiende su médico?"),
    "employer": N_("¿En qué empresa trabaja o trabajó por última vez?"),
}
HINTS: dict[str, str] = {
    "nss-end": N_("Cuatro números"),
    "postal-code": N_("Cinco números"),
    "room": N_("El número"),
    "employer": N_("Basta una palabra larga del nombre"),
}
