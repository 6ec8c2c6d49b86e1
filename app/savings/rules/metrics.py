"""The metrics there are, each in one record: what it is called, in what unit, what it is a share or a mean of, by what
it can be grouped, and what of it is released to the public.

Pages, JSON, CSV, the catalogue of metrics and the public release are derived from these records.
"""

from dataclasses import dataclass
from typing import Literal

from app.kernel.i18n import N_
from app.savings.measures import DECIDED, DONE, MEASURES, ONLINE, STANDS, TICKET_MEASURES, Attendance
from app.savings.rules.families import (
    ATTENDED_DAYS,
    IS_OVER,
    MIX,
    SAVINGS,
    TICKETS,
    Family,
    family_of_means,
    sums_of,
)
from app.savings.rules.groups import GROUPS, PERIODS, PLACES

Source = Literal["savings", "transactions", "tickets", "mix", "access", "reasons"]
Kind = Literal["share", "mean", "count", "drawn"]
MetricUnit = Literal["MXN", "share", "h", "days", "min", "points", "times"]
MONTHLY = ("month", "quarter", "year")
BY_TICKET = (*MONTHLY, *PLACES, "service", "weekday", "hour")
BY_MIX = (*MONTHLY, *PLACES, "service")
BY_REASON = (*MONTHLY, "region", "state", "service", "reason")
BY_ACCESS = (*PERIODS, *PLACES, "service")


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """`name` and `meaning` are those of the catalogue, `title` what pages call it. `of` is summed over `over`: a share
    of it, or its mean; `squares` is the sum of the squares of what is averaged. `scale` turns a sum into the unit.
    `floor` and `ceiling` are the ends of what it can be. `release` is the family that the public's answer is read from;
    without one it is for analysts, unless `is_public`: then it isn't about people."""

    id: str
    name: str
    meaning: str
    title: str
    unit: MetricUnit
    source: Source
    kind: Kind
    groups: tuple[str, ...]
    of: str = ""
    over: tuple[str, ...] = ()
    squares: str = ""
    scale: float = 1.0
    floor: float | None = 0.0
    ceiling: float | None = None
    release: Family | None = None
    is_public: bool = True

    @property
    def sums(self) -> tuple[str, ...]:
        """The names of what it is computed from, each once."""
        return tuple(dict.fromkeys(name for name in (self.of, *self.over, self.squares) if name))


def _share_of_tickets(metric: str, *, name: str, meaning: str, title: str, of: str) -> Metric:
    return Metric(
        id=metric,
        name=name,
        meaning=meaning,
        title=title,
        unit="share",
        source="tickets",
        kind="share",
        groups=BY_TICKET,
        of=of,
        over=("tickets",),
        ceiling=1.0,
        release=TICKETS,
    )


_ALL = (
    Metric(
        id="savings",
        name=N_("Tiempo ahorrado"),
        meaning=N_("Horas que las personas no gastaron en ir, menos las que gastaron en línea."),
        title=N_("Horas ahorradas"),
        unit="h",
        source="savings",
        kind="drawn",
        groups=GROUPS,
        floor=None,
        release=SAVINGS,
    ),
    Metric(
        id="savings-money",
        name=N_("Dinero ahorrado"),
        meaning=N_("Pesos que no salieron del bolsillo en pasajes y copias, menos los datos del teléfono."),
        title=N_("Pesos que la gente no gastó"),
        unit="MXN",
        source="savings",
        kind="drawn",
        groups=GROUPS,
        floor=None,
        release=SAVINGS,
    ),
    Metric(
        id="savings-time-value",
        name=N_("Valor del tiempo ahorrado"),
        meaning=N_("Las horas ahorradas en pesos de salario; no se suma al dinero."),
        title=N_("Valor del tiempo ahorrado"),
        unit="MXN",
        source="savings",
        kind="drawn",
        groups=GROUPS,
        floor=None,
        release=SAVINGS,
    ),
    Metric(
        id="take-up",
        name=N_("Uso del portal"),
        meaning=N_("De lo que se terminó, la parte en línea; lo demás por teléfono, en ventanilla o sin cita."),
        title=N_("Trámites en línea, de todos"),
        unit="share",
        source="mix",
        kind="share",
        groups=BY_MIX,
        of="online",
        over=("online", "phone", "in_person"),
        ceiling=1.0,
        release=MIX,
    ),
    Metric(
        id="completion",
        name=N_("Terminados"),
        meaning=N_("De lo que se empezó, la parte que terminó con lo que se pedía."),
        title=N_("Trámites que llegan a su fin"),
        unit="share",
        source="transactions",
        kind="share",
        groups=GROUPS,
        of="completed",
        over=("started",),
        ceiling=1.0,
        release=Family(
            "completion",
            "transactions",
            f"{STANDS} AND {IS_OVER}",
            {
                "completed": DONE,
                "decided otherwise": f"NOT ({DONE}) AND {DECIDED}",
                "left": f"NOT ({DONE}) AND NOT ({DECIDED})",
                "not online": f"NOT ({ONLINE})",
            },
            sums_of("transactions", "completed", "started"),
        ),
    ),
    Metric(
        id="time-to-decide",
        name=N_("Tiempo para decidir"),
        meaning=N_("Horas desde que se entrega una solicitud hasta que se decide."),
        title=N_("Horas hasta la decisión"),
        unit="h",
        source="transactions",
        kind="mean",
        groups=GROUPS,
        of="decide_hours",
        over=("decided",),
        squares="decide_hours_sq",
        release=family_of_means(
            "time-to-decide",
            "transactions",
            f"{DECIDED} AND {IS_OVER}",
            *("decide_hours", "decided", "decide_hours_sq"),
        ),
    ),
    Metric(
        id="late",
        name=N_("Decididas tarde"),
        meaning=N_("De lo decidido, la parte que se decidió después del día prometido."),
        title=N_("Decisiones fuera de plazo"),
        unit="share",
        source="transactions",
        kind="share",
        groups=GROUPS,
        of="late",
        over=("decided",),
        ceiling=1.0,
        release=Family(
            "late",
            "transactions",
            f"{DECIDED} AND {IS_OVER}",
            {
                "late": f"{MEASURES['late'].expression} = 1",
                "in time": f"{MEASURES['late'].expression} = 0",
                "approved": DONE,
                "otherwise": f"NOT ({DONE})",
            },
            sums_of("transactions", "late", "decided"),
        ),
    ),
    Metric(
        id="third-next-available",
        name=N_("Tercera cita disponible"),
        meaning=N_("Días hasta la tercera cita libre, leídos cada mañana: la medida usual del acceso."),
        title=N_("Días al tercer horario libre"),
        unit="days",
        source="access",
        kind="mean",
        groups=BY_ACCESS,
        of="days",
        over=("readings",),
        squares="days_sq",
    ),
    Metric(
        id="no-show",
        name=N_("Citas perdidas"),
        meaning=N_("De las citas que llegaron a su hora, la parte a la que nadie acudió."),
        title=N_("Citas a las que nadie llegó"),
        unit="share",
        source="transactions",
        kind="share",
        groups=GROUPS,
        of="missed",
        over=("missed", "attended"),
        ceiling=1.0,
        release=Family(
            "no-show",
            "transactions",
            "e.attendance IS NOT NULL",
            {value: f"e.attendance = '{value}'" for value in Attendance},
            sums_of("transactions", "missed", "attended"),
            settled_days=ATTENDED_DAYS,
        ),
    ),
    Metric(
        id="wait",
        name=N_("Espera en persona"),
        meaning=N_("Minutos desde la llegada hasta la atención."),
        title=N_("Minutos de espera"),
        unit="min",
        source="tickets",
        kind="mean",
        groups=BY_TICKET,
        of="wait_seconds",
        over=("waited",),
        squares="wait_seconds_sq",
        scale=60.0,
        release=family_of_means(
            "wait",
            "tickets",
            f"{TICKET_MEASURES['waited'].expression} = 1",
            *("wait_seconds", "waited", "wait_seconds_sq"),
        ),
    ),
    Metric(
        id="attention",
        name=N_("Atención en persona"),
        meaning=N_("Minutos desde que empieza la atención hasta que termina, sin la espera entre dos filas."),
        title=N_("Minutos de atención"),
        unit="min",
        source="tickets",
        kind="mean",
        groups=BY_TICKET,
        of="service_seconds",
        over=("attended",),
        squares="service_seconds_sq",
        scale=60.0,
        release=family_of_means(
            "attention",
            "tickets",
            f"{TICKET_MEASURES['attended'].expression} = 1",
            *("service_seconds", "attended", "service_seconds_sq"),
        ),
    ),
    Metric(
        id="stay",
        name=N_("Estancia en la unidad"),
        meaning=N_("Minutos desde la llegada hasta la salida, con todas las filas por las que se pasó."),
        title=N_("Minutos en la unidad"),
        unit="min",
        source="tickets",
        kind="mean",
        groups=BY_TICKET,
        of="stay_seconds",
        over=("stayed",),
        squares="stay_seconds_sq",
        scale=60.0,
        release=family_of_means(
            "stay",
            "tickets",
            f"{TICKET_MEASURES['stayed'].expression} = 1",
            *("stay_seconds", "stayed", "stay_seconds_sq"),
        ),
    ),
    _share_of_tickets(
        "gave-up",
        name=N_("Se fueron sin atención"),
        meaning=N_("De quienes llegaron, la parte que se cansó de esperar y se fue."),
        title=N_("Personas que se cansaron de esperar"),
        of="gave_up",
    ),
    _share_of_tickets(
        "unserved",
        name=N_("Se quedaron sin atención"),
        meaning=N_("De quienes llegaron, la parte a la que la unidad cerró sin haber llamado."),
        title=N_("Personas a las que la unidad no llamó"),
        of="unserved",
    ),
    _share_of_tickets(
        "clock-wrong",
        name=N_("Turnos con horas que se contradicen"),
        meaning=N_("De los turnos, la parte que no entra en espera, atención o estancia: un reloj estaba mal."),
        title=N_("Turnos con horas que se contradicen"),
        of="clock_wrong",
    ),
    Metric(
        id="satisfaction",
        name=N_("Satisfacción"),
        meaning=N_("Del 1 al 5, de quienes respondieron."),
        title=N_("Satisfacción, de 1 a 5"),
        unit="points",
        source="transactions",
        kind="mean",
        groups=GROUPS,
        of="rating",
        over=("rated",),
        squares="rating_sq",
        floor=1.0,
        ceiling=5.0,
        release=family_of_means(
            "satisfaction",
            "transactions",
            f"e.satisfaction IS NOT NULL AND {IS_OVER}",
            *("rating", "rated", "rating_sq"),
        ),
    ),
    Metric(
        id="would-have-visited",
        name=N_("Habrían ido en persona"),
        meaning=N_("De quienes respondieron, la parte que sin el portal habría ido a la unidad."),
        title=N_("Habrían ido en persona"),
        unit="share",
        source="transactions",
        kind="share",
        groups=GROUPS,
        of="would_have_visited",
        over=("asked",),
        ceiling=1.0,
        release=Family(
            "would-have-visited",
            "transactions",
            f"e.would_have_visited IS NOT NULL AND {IS_OVER}",
            {"yes": "e.would_have_visited", "no": "NOT e.would_have_visited"},
            sums_of("transactions", "would_have_visited", "asked"),
        ),
    ),
    Metric(
        id="refusal-reasons",
        name=N_("Motivos de negativa o de no proceder"),
        meaning=N_("Cuántas veces se dio cada motivo, también al contestar que una queja no corresponde."),
        title=N_("Motivos de negativa o de no proceder"),
        unit="times",
        source="reasons",
        kind="count",
        groups=BY_REASON,
        of="times",
        over=("times",),
        is_public=False,
    ),
    Metric(
        id="refusal-shares",
        name=N_("Parte de cada motivo"),
        meaning=N_("De los motivos que se dieron, la parte de cada uno."),
        title=N_("Parte de cada motivo"),
        unit="share",
        source="reasons",
        kind="share",
        groups=BY_REASON,
        of="times",
        over=("all_times",),
        ceiling=1.0,
        is_public=False,
    ),
    Metric(
        id="cost-per-transaction",
        name=N_("Costo por trámite"),
        meaning=N_("Pesos que le cuesta a la institución un trámite en promedio, según por dónde se hizo."),
        title=N_("Costo por trámite para la institución"),
        unit="MXN",
        source="mix",
        kind="drawn",
        groups=BY_MIX,
        release=MIX,
    ),
)
METRICS: dict[str, Metric] = {metric.id: metric for metric in _ALL}
FAMILIES: dict[str, Family] = {metric.release.id: metric.release for metric in _ALL if metric.release is not None}
"""What is released, each once: metrics may share a family."""
