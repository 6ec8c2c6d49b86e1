"""Find a service by the words people use for it: a small list beside the names, without accents or endings."""

import re
import unicodedata
from collections.abc import Iterable

from app.catalog.definition import Service

MAX_TYPED = 80
SHORTEST_STEM = 4
LEFT_OUT = frozenset(
    "a al an con de del el en for i la las lo los mi mis my o of para por que quiero se su the to un una y".split()  # noqa: SIM905
)
SAID = {
    "nss-find": "nss numero seguro social ims imss encontrar cual saber lookup number",
    "nss-assign": "nss numero seguro social alta primer trabajo empleo empezar first job number",
    "data-correct": "error nombre apellido curp acta mal escrito fecha nacimiento sexo genero correct wrong name",
    "vigencia": "derechos vigencia vigente asegurado escuela rights proof insured",
    "weeks": "semanas cotizadas aportaciones historial patron empleo weeks contributions",
    "not-insured": "no afiliado no derechohabiente beca seguro particular uninsured",
    "sick-leave": "incapacidad enfermedad maternidad embarazo accidente pago dias sick illness maternity",
    "clinic-change": "mudanza mudarse mude domicilio unidad umf turno consultorio doctor move moved",
    "clinic-register": "alta clinica inscribir unidad umf primera vez doctor register",
    "dependant-add": "beneficiario bebe nacimiento hijo hija esposa esposo pareja padres boda registren"
    " baby child spouse",
    "dependant-remove": "beneficiario divorcio separacion fallecimiento defuncion baja divorce death",
    "nursery": "guarderia estancia infantil cuidado nino nina daycare childcare",
    "pension": "jubilacion jubilarme jubilarse retiro vejez cesantia retirement retire",
    "unemployment": "desempleo despido despidieron perdi trabajo afore retiro ahorro fired unemployed",
    "modality-40": "modalidad cuarenta voluntaria independiente cotizar voluntary",
    "family-health": "seguro familia comprar independiente particular insurance buy",
    "complaint": "queja reclamo maltrato negligencia sugerencia felicitacion opinar complaint suggestion thanks",
}
"""What people call a service beside its own words; one that isn't here is found by those."""


def folded(text: str) -> list[str]:
    """The words of a text in small letters without accents, those that say nothing left out."""
    plain = "".join(one for one in unicodedata.normalize("NFD", text.casefold()) if not unicodedata.combining(one))
    return [word for word in re.findall(r"[a-z0-9ñ]+", plain) if word not in LEFT_OUT]


def found_by(typed: str, services: Iterable[Service]) -> list[Service]:
    """The services that have every word typed, the nearest first; by some of the words where none has them all."""
    wanted = [word for word in folded(typed[:MAX_TYPED]) if len(word) > 1]
    ranks = [([_rank(word, one) for word in wanted], one) for one in services]
    most = max((sum(map(bool, rank)) for rank, _one in ranks), default=0)
    nearest = sorted(ranks, key=lambda found: -sum(found[0]))
    return [one for rank, one in nearest if most and sum(map(bool, rank)) == most]


def _rank(word: str, service: Service) -> int:
    """How well a service has a word: in its name best."""
    names = folded(f"{service.name.es} {service.name.en}")
    others = folded(f"{service.summary.es} {service.summary.en} {service.id} {SAID.get(service.id, '')}")
    if any(_alike(word, one) for one in names):
        return 2
    return 1 if any(_alike(word, one) for one in others) else 0


def _alike(typed: str, word: str) -> bool:
    """Whether two words begin alike: people type half a word, or another ending."""
    if word.startswith(typed) or (len(word) >= SHORTEST_STEM and typed.startswith(word)):
        return True
    stem = max(SHORTEST_STEM + 1, max(len(typed), len(word)) - 3)
    return typed[:stem] == word[:stem]
