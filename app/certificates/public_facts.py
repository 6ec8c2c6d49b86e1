"""Facts shown by public verification: enough to detect an altered page.

The reader holds the document: numbers, days and booleans are shown in full, names and identifiers masked.
"""

from collections.abc import Callable, Sequence

from app.certificates.rules import initials
from app.certificates.snapshot import (
    NssFacts,
    RefusalFacts,
    ResolutionFacts,
    RightsFacts,
    SickLeaveFacts,
    Snapshot,
    Template,
    WeeksFacts,
)
from app.certificates.words import KINSHIP, LEAVE_KINDS, count, day, pesos, short_day, until_when, word
from app.kernel.i18n import _

Fact = tuple[str, str]
SHOWN = 4
MASK = "•••"


def public_facts(snapshot: Snapshot) -> list[Fact]:
    """Return label and value of each certified fact, in the current language."""
    person = snapshot.person
    facts = [(_("CURP"), f"{person.curp[:SHOWN]}{MASK}{person.curp[-2:]}")]
    if person.nss:
        facts.append((_("Número de seguridad social"), f"{MASK}{person.nss[-SHOWN:]}"))
    facts.append((_("Fecha de nacimiento"), day(person.birth_on)))
    if snapshot.unit is not None:
        facts.append((_("Unidad"), f"{snapshot.unit.name} ({snapshot.unit.clues})"))
    return [*facts, *_FACTS[snapshot.template](snapshot)]


def _nss(snapshot: Snapshot) -> list[Fact]:
    number = NssFacts.model_validate(snapshot.facts).nss
    return [(_("Número que se acredita"), f"{MASK}{number[-SHOWN:]}")]


def _vigencia(snapshot: Snapshot) -> list[Fact]:
    rights = RightsFacts.model_validate(snapshot.facts)
    facts = [(_("Derecho a la atención médica"), _("Vigente") if rights.in_force else _("No vigente"))]
    if rights.until is not None:
        facts.append((_("Con derecho hasta"), day(rights.until)))
    elif rights.in_force:
        facts.append((_("Con derecho hasta"), _("Sin fecha de término: dura mientras siga lo que lo da")))
    facts.append((_("Personas dependientes"), count(len(rights.dependants))))
    for one in rights.dependants:
        until = until_when(one.until, is_in_force=one.in_force)
        facts.append((word(KINSHIP, one.kinship), f"{initials(one.name)}: {until}"))
    return facts


def _weeks(snapshot: Snapshot) -> list[Fact]:
    weeks = WeeksFacts.model_validate(snapshot.facts)
    facts = [
        (_("Semanas cotizadas"), count(weeks.weeks)),
        (_("Días cotizados"), count(weeks.days)),
        (_("Semanas descontadas por retiros"), count(weeks.withdrawn)),
    ]
    for one in weeks.periods:
        until = short_day(one.ends_on) if one.ends_on else _("Vigente")
        facts.append((_("Periodo de cotización"), f"{short_day(one.starts_on)} – {until}: {count(one.days)}"))
    return facts


def _sick_leave(snapshot: Snapshot) -> list[Fact]:
    leaves = SickLeaveFacts.model_validate(snapshot.facts)
    facts = [(_("Incapacidades"), count(len(leaves.leaves)))]
    for one in leaves.leaves:
        paid = f"{short_day(one.starts_on)}, {count(one.days)} / {count(one.paid_days)}, {pesos(one.payment)}"
        facts.append((f"{one.folio} ({word(LEAVE_KINDS, one.kind)})", paid))
    return [*facts, (_("Total pagado (pesos)"), pesos(leaves.total))]


def _not_insured(_snapshot: Snapshot) -> list[Fact]:
    return [(_("Afiliación vigente en la fecha de expedición"), _("No consta ninguna"))]


def _resolution(snapshot: Snapshot) -> list[Fact]:
    resolution = ResolutionFacts.model_validate(snapshot.facts)
    facts = [(_("Trámite"), str(snapshot.service_name)), (_("Resolución"), _("Aprobada"))]
    facts += [(str(one.label), initials(str(one.value)) if one.is_name else str(one.value)) for one in resolution.rows]
    return facts + [(_("Motivo"), str(reason)) for reason in resolution.reasons]


def _refusal(snapshot: Snapshot) -> list[Fact]:
    refused = RefusalFacts.model_validate(snapshot.facts)
    facts = [(_("Trámite"), str(snapshot.service_name)), _ending(snapshot)]
    facts += [(str(line.label), str(line.value)) for line in refused.rows]
    facts += [(_("Motivo"), str(reason.text)) for reason in refused.reasons]
    if refused.notified_on is not None:
        facts.append((_("Notificada el"), day(refused.notified_on)))
    if refused.confirmed_on is not None:
        facts.append((_("Confirmada en la revisión interna el"), day(refused.confirmed_on)))
    until = [(str(one.name), _("hasta el %(day)s") % {"day": day(one.last_day)}) for one in refused.means]
    return facts + until


def _ending(snapshot: Snapshot) -> Fact:
    if snapshot.template == "answer":
        return _("Respuesta"), str(snapshot.text)
    return _("Resolución"), _("Negada")


_FACTS: dict[Template, Callable[[Snapshot], Sequence[Fact]]] = {
    "nss": _nss,
    "vigencia": _vigencia,
    "weeks": _weeks,
    "sick-leave": _sick_leave,
    "not-insured": _not_insured,
    "resolution": _resolution,
    "refusal": _refusal,
    "pension-refusal": _refusal,
    "answer": _refusal,
}
