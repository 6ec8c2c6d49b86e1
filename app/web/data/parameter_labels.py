"""Labels of a baseline's parameters: their keys, units, distributions, sources, and what each row is about."""

from app.kernel.i18n import N_, _
from app.savings.rules.parameters import BETWEEN, Parameter, joined
from app.savings.rules.uncertainty import exact_ends
from app.savings.transactions import kinds_of_services
from app.web.data import labels, numbers

KEYS = {
    "would_have_visited": N_("Trámites que habrían sido una visita"),
    "visits": N_("Visitas que pide el trámite en persona"),
    "travel_minutes": N_("Camino de ida y vuelta, si no se sabe la distancia"),
    "access_minutes": N_("Caminar y esperar transporte, si se sabe la distancia"),
    "speed_kmh": N_("Velocidad de puerta a puerta, en línea recta"),
    "wait_minutes": N_("Espera en la unidad, por visita"),
    "service_minutes": N_("Atención en la ventanilla, por visita"),
    "preparation_minutes": N_("Copias, fotos y formatos, por trámite"),
    "fare": N_("Pasajes de ida y vuelta, por visita"),
    "copies": N_("Copias y fotos, por trámite"),
    "other": N_("Otros gastos, por trámite"),
    "data_per_minute": N_("Datos del celular, por minuto en línea"),
    "online_minutes": N_("Tiempo en línea, cuando no se pudo medir"),
    "wage_per_hour": N_("Salario por hora de los asegurados"),
    "time_value_share": N_("Valor de una hora, como parte del salario"),
    "working_share": N_("Tiempo ahorrado que era de trabajo"),
    "agency_in_person": N_("Costo para la institución, en persona"),
    "agency_phone": N_("Costo para la institución, por teléfono"),
    "agency_online": N_("Costo para la institución, en línea"),
    "mxn_per_usd": N_("Pesos por dólar"),
    "inpc": N_("Índice de precios (INPC), por año"),
}
KINDS = {
    "look-up": N_("consultas"),
    "certificate": N_("constancias"),
    "procedure": N_("trámites"),
    "procedure-with-visits": N_("trámites con visita"),
    "appointment": N_("citas"),
    "appointment-change": N_("cambios de cita"),
}
UNITS = {
    "share": N_("parte de 1"),
    "visits": N_("visitas"),
    "min": N_("minutos"),
    "km/h": N_("km por hora"),
    "MXN": N_("pesos"),
    "USD": N_("dólares"),
    "MXN/USD": N_("pesos por dólar"),
    "index": N_("índice"),
}
DISTRIBUTIONS = {
    "pert": N_("PERT (bajo, más probable, alto)"),
    "beta": N_("Beta (sí y no de una encuesta)"),
    "normal": N_("Normal (media y error estándar)"),
    "fixed": N_("Fija"),
}
CONFIDENCES = {
    "measured": N_("Medida aquí"),
    "official": N_("Oficial"),
    "study": N_("Estudio"),
    "press": N_("Prensa"),
    "assumption": N_("Supuesto"),
}
REGIONS = {
    "noroeste": N_("Noroeste"),
    "noreste": N_("Noreste"),
    "occidente": N_("Occidente"),
    "oriente": N_("Oriente"),
    "centronorte": N_("Centro norte"),
    "centrosur": N_("Centro sur"),
    "suroeste": N_("Suroeste"),
    "sureste": N_("Sureste"),
}


def scope(code: str) -> str:
    """What a row's scope is called: a kind of transaction, a service, a year, or all."""
    if not code:
        return _("todos")
    if code in KINDS:
        return _(KINDS[code])
    return labels.service(code) if code in kinds_of_services() or code == "unknown" else code


def place(code: str) -> str:
    """What a row's place is called: the country, a region, a state, or a unit by its number."""
    if not code:
        return _("todo el país")
    return labels.STATES.get(code) or (_(REGIONS[code]) if code in REGIONS else code)


def parameter(row: Parameter) -> str:
    """«Espera en la unidad, por visita: citas, Oaxaca»."""
    return title(row.key, row.scope, row.place)


def amount(value: float | None) -> str:
    """A figure's number as it was written, with its thousands apart; empty where there is none."""
    if value is None:
        return ""
    places = next((n for n in range(4) if round(value, n) == value), 4)
    return numbers.number(value, places)


def shown(row: Parameter) -> tuple[str, str, str, str]:
    """Low end, middle and high end as people read them, and the shape with what it was made from. What isn't given by
    its ends (a share, a mean) is shown by its mean and its 5th and 95th percentiles."""
    shape = _(DISTRIBUTIONS[row.distribution]).partition(" (")[0]
    if row.distribution == "beta":
        no = row.high or 0.0
        shape = _("%(shape)s: %(yes)s sí, %(no)s no") % {"shape": shape, "yes": amount(row.value), "no": amount(no)}
        return (*_percentiles(row, row.value / (row.value + no)), shape)
    if row.distribution == "normal":
        error = _("%(shape)s: error estándar %(error)s") % {"shape": shape, "error": amount(row.high)}
        return (*_percentiles(row, row.value), error)
    return amount(row.low), amount(row.value), amount(row.high), shape


def _percentiles(row: Parameter, mean: float) -> tuple[str, str, str]:
    low, high = exact_ends(row)
    places = 2 if row.unit == "share" else next((n for n in range(4) if abs(row.value) >= 10 ** (2 - n)), 4)
    return numbers.number(low, places), numbers.number(mean, places), numbers.number(high, places)


def source(text: str) -> str:
    """Where a figure comes from: what the portal wrote, in the reader's language; what an analyst wrote, as it is."""
    return joined(*(_(part) if part else part for part in text.split(BETWEEN)))


def ends(row: Parameter) -> str:
    """«30 / 70 / 150 minutos»; of a share «0.54 / 0.66 / 0.77 parte de 1 (Beta: 29.5 sí, 15.5 no)»."""
    low, middle, high, shape = shown(row)
    numbers_ = " / ".join(part for part in (low, middle, high) if part)
    how = f" ({shape})" if row.distribution in {"beta", "normal"} else ""
    return f"{numbers_} {_(UNITS[row.unit])}{how}"


def title(key: str, scope_code: str, place_code: str) -> str:
    """What a row is about, before it is a row; empty without a key that is known."""
    if key not in KEYS:
        return ""
    about = [named for named, code in ((scope(scope_code), scope_code), (place(place_code), place_code)) if code]
    return f"{_(KEYS[key])}: {', '.join(about)}" if about else _(KEYS[key])


def titled(parameter_id: str) -> str:
    """What the row of an id of a figure is about; the id itself when it isn't one."""
    return title(*parameter_id.split("|")) or parameter_id if parameter_id.count("|") == 2 else parameter_id
