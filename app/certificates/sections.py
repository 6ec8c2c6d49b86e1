"""Sections of each kind of certificate: one function per template, plain JSON out."""

from collections.abc import Callable, Sequence
from typing import Any

from app.catalog.challenges import DOUBT
from app.certificates.snapshot import (
    ContributionPeriod,
    Means,
    NssFacts,
    RefusalFacts,
    Relative,
    ResolutionFacts,
    RightsFacts,
    SickLeaveFacts,
    Snapshot,
    Template,
    WeeksFacts,
)
from app.certificates.words import KINSHIP, LEAVE_KINDS, LEAVE_REASONS, count, day, pesos, short_day, until_when, word
from app.kernel.i18n import N_, _, ngettext

Body = dict[str, Any]
RIGHTS: dict[str, str] = {
    "affiliated": N_("En la fecha de expedición tiene vigente su derecho a la atención médica."),
    "pensioner": N_("En la fecha de expedición tiene vigente, por pensión, su derecho a la atención médica."),
    "insured": N_(
        "En la fecha de expedición tiene vigente su derecho a la atención médica,"
        " por el seguro de salud para la familia."
    ),
    "conserved": N_("En la fecha de expedición conserva su derecho a la atención médica, hasta el %(until)s."),
    "ended": N_("En la fecha de expedición no tiene vigente su derecho a la atención médica: terminó el %(until)s."),
    "never": N_(
        "En la fecha de expedición no tiene vigente su derecho a la atención médica: no consta afiliación ni pensión."
    ),
}
LASTING = ("affiliated", "pensioner", "insured")
WHILE: dict[str, str] = {
    "affiliated": N_("Dura mientras siga el trabajo afiliado que lo da: no tiene una fecha de término."),
    "pensioner": N_("Dura mientras siga la pensión que lo da: no tiene una fecha de término."),
}
CONFIRMED: dict[str, str] = {
    "refusal": N_("La negativa se confirmó en la revisión interna, el %(day)s."),
    "answer": N_("La respuesta se confirmó en la revisión interna, el %(day)s."),
}
AFTERWARDS = N_(
    "Si ese trabajo termina, la atención médica se conserva %(weeks)s semanas más para quien cotizó al menos %(needed)s"
    " semanas seguidas (Ley del Seguro Social, artículo 109)."
)


def build_sections(snapshot: Snapshot) -> Body:
    """Build the body of a certificate, in the current language."""
    return _BODIES[snapshot.template](snapshot)


def _table(caption: str, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> Body:
    """Build a table: heading, column names and rows."""
    return {"caption": caption, "heads": list(heads), "rows": [list(row) for row in rows]}


def _nss(snapshot: Snapshot) -> Body:
    facts = NssFacts.model_validate(snapshot.facts)
    return {"statement": _("El número de seguridad social de esta persona es:"), "number": facts.nss}


def _vigencia(snapshot: Snapshot) -> Body:
    facts = RightsFacts.model_validate(snapshot.facts)
    until = day(facts.until) if facts.until else "—"
    statement = _(RIGHTS[facts.reason]) % {"until": until}
    if facts.reason in LASTING and facts.until is not None:
        statement = f"{statement} {_('Consta hasta el %(until)s.') % {'until': until}}"
    return {
        "statement": statement,
        "lasts": _how_long(facts),
        "dependants": _dependants(facts.dependants) if facts.dependants else None,
        "nobody": _("No constan personas dependientes."),
    }


def _how_long(facts: RightsFacts) -> str | None:
    """Describe the duration of rights without a last day; None if the statement gives the day or there are no
    rights."""
    if not facts.in_force or facts.until is not None or facts.reason not in WHILE:
        return None
    lasts = _(WHILE[facts.reason])
    if facts.reason != "affiliated" or facts.conserved_weeks is None or facts.needed_weeks is None:
        return lasts
    return f"{lasts} {_(AFTERWARDS) % {'weeks': facts.conserved_weeks, 'needed': facts.needed_weeks}}"


def _dependants(dependants: list[Relative]) -> Body:
    return _table(
        _("Personas dependientes"),
        [_("Nombre"), _("Parentesco"), _("Con derecho hasta")],
        [[one.name, word(KINSHIP, one.kinship), until_when(one.until, is_in_force=one.in_force)] for one in dependants],
    )


def _weeks(snapshot: Snapshot) -> Body:
    facts = WeeksFacts.model_validate(snapshot.facts)
    return {
        "statement": ngettext(
            "A esta persona se le reconoce %(weeks)s semana cotizada.",
            "A esta persona se le reconocen %(weeks)s semanas cotizadas.",
            facts.weeks,
        )
        % {"weeks": count(facts.weeks)},
        "rows": [
            [_("Días cotizados"), count(facts.days)],
            [_("Semanas descontadas por retiros"), count(facts.withdrawn)],
        ],
        "periods": _periods(facts.periods) if facts.periods else None,
        "nothing": _("No constan periodos de cotización."),
        "note": _("Los días se dividen entre siete; si sobran más de tres, cuentan como otra semana."),
    }


def _periods(periods: list[ContributionPeriod]) -> Body:
    dates = [
        [short_day(one.starts_on), short_day(one.ends_on) if one.ends_on else _("Vigente"), count(one.days)]
        for one in periods
    ]
    heads = [_("Primer día"), _("Último día"), _("Días")]
    if any(one.employer for one in periods):
        heads = [_("Registro patronal"), *heads]
        dates = [[one.employer or "—", *line] for one, line in zip(periods, dates, strict=True)]
    return _table(_("Periodos de cotización"), heads, dates)


def _sick_leave(snapshot: Snapshot) -> Body:
    facts = SickLeaveFacts.model_validate(snapshot.facts)
    heads = [_("Folio"), _("Tipo"), _("Primer día"), _("Días"), _("Días pagados"), _("Pago")]
    lines = [
        [
            one.folio,
            word(LEAVE_KINDS, one.kind),
            short_day(one.starts_on),
            count(one.days),
            count(one.paid_days),
            pesos(one.payment),
        ]
        for one in facts.leaves
    ]
    return {
        "statement": _("Estas son las incapacidades de esta persona que constan en el registro."),
        "leaves": _table(_("Incapacidades"), heads, lines) if lines else None,
        "nothing": _("No constan incapacidades."),
        "rows": [
            [_("Total pagado (pesos)"), pesos(facts.total)],
            *([one.folio, word(LEAVE_REASONS, one.reason)] for one in facts.leaves if one.reason),
        ],
    }


def _not_insured(_snapshot: Snapshot) -> Body:
    return {"statement": _("En la fecha de expedición no consta ninguna afiliación vigente a nombre de esta persona.")}


def _resolution(snapshot: Snapshot) -> Body:
    facts = ResolutionFacts.model_validate(snapshot.facts)
    return {
        "statement": str(snapshot.statement) if snapshot.statement else _("La solicitud fue aprobada."),
        "rows": [[str(line.label), str(line.value)] for line in facts.rows],
        "reasons_title": _("Motivos"),
        "reasons": [str(reason) for reason in facts.reasons],
    }


def _refusal(snapshot: Snapshot) -> Body:
    facts = RefusalFacts.model_validate(snapshot.facts)
    return {
        "confirmed": _confirmed(snapshot, facts),
        "statement": _("Por los motivos y fundamentos que siguen:"),
        "rows": [[str(line.label), str(line.value)] for line in facts.rows],
        "reasons_title": _("Motivos y fundamento"),
        "reasons": [_grounded(str(one.text), one.ground) for one in facts.reasons],
        "found_title": _("Lo que consta en el registro"),
        "found": [str(one) for one in facts.found],
        "words_title": _("Palabras de quien decidió"),
        "words": facts.words,
        "use_title": _("Para qué sirve esta resolución"),
        "use": _grounded(str(facts.use), facts.use_basis) if facts.use and facts.use_basis else None,
        "means_title": _("Qué puede hacer si no está de acuerdo"),
        "means_lead": _means_lead(facts),
        "means": [_means(one) for one in facts.means],
    }


def _grounded(reason: str, ground: object) -> str:
    """Format a reason as a sentence, with its legal ground in parentheses."""
    return f"{reason.rstrip('.')} ({ground})." if ground else reason


def _means_lead(facts: RefusalFacts) -> str:
    effect = day(facts.takes_effect_on) if facts.takes_effect_on else "—"
    if facts.notified_on is not None:
        given = {"day": day(facts.notified_on), "effect": effect}
        sentence = _(
            "Se le notificó el %(day)s, y la notificación surte efectos el %(effect)s. Cada medio tiene su plazo:"
        )
        return sentence % given
    given = {"day": day(facts.made_on) if facts.made_on else "—", "effect": effect}
    return (
        _(
            "Si este documento se le entrega el %(day)s, la notificación surte efectos el %(effect)s y los plazos son"
            " estos; si la conoció después, cuentan desde ese día:"
        )
        % given
    )


def _means(means: Means) -> list[str]:
    until = _("hasta el %(day)s") % {"day": day(means.last_day)}
    doubt = f" {_(DOUBT)}" if means.is_doubtful else ""
    return [f"{means.name}: {until}", f"{means.authority}. {means.note}{doubt} {means.basis}."]


def _confirmed(snapshot: Snapshot, facts: RefusalFacts) -> str | None:
    """State that an internal review confirmed the decision, and when; None otherwise."""
    if facts.confirmed_on is None:
        return None
    return _(CONFIRMED["answer" if snapshot.template == "answer" else "refusal"]) % {"day": day(facts.confirmed_on)}


_BODIES: dict[Template, Callable[[Snapshot], Body]] = {
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
