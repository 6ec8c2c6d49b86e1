"""What people call the things of the measurement: the words that answers, pages and problems share."""

from app.kernel.i18n import N_

VALIDATION_MESSAGES = {
    "unknown-key": N_("No es una cifra que el modelo lea."),
    "wrong-unit": N_("La unidad no es la de esa cifra."),
    "money-has-a-year": N_("Las cifras en pesos llevan el año de sus precios; las demás, ninguno."),
    "inpc-scope": N_("El INPC es una cifra fija y su alcance es un año, como 2025."),
    "no-source": N_("Diga de dónde viene la cifra."),
    "pert-order": N_("Ponga bajo, más probable y alto en orden, sin negativos, y bajo menor que alto."),
    "share-over-one": N_("Una proporción va de 0 a 1."),
    "beta": N_("Una beta es de una proporción y lleva aciertos y fallos mayores que cero."),
    "normal": N_("Una normal lleva media y error estándar, sin negativos."),
    "negative": N_("La cifra no puede ser negativa."),
    "twice": N_("La misma cifra, alcance y lugar aparece dos veces."),
    "too-long": N_("El texto es demasiado largo."),
    "out-of-range": N_("El número está fuera de lo que se acepta."),
}
"""What is wrong with a row of a baseline, by the codes of `rules.parameters.validate_parameter`."""

METRICS = {
    "savings": (
        N_("Tiempo ahorrado"),
        N_("Horas que las personas no gastaron en ir, menos las que gastaron en línea."),
    ),
    "savings-money": (
        N_("Dinero ahorrado"),
        N_("Pesos que no salieron del bolsillo en pasajes y copias, menos los datos del teléfono."),
    ),
    "savings-time-value": (
        N_("Valor del tiempo ahorrado"),
        N_("Las horas ahorradas en pesos de salario; no se suma al dinero."),
    ),
    "take-up": (
        N_("Uso del portal"),
        N_("De lo que se terminó, la parte en línea; lo demás por teléfono, en ventanilla o sin cita."),
    ),
    "completion": (N_("Terminados"), N_("De lo que se empezó, la parte que terminó con lo que se pedía.")),
    "time-to-decide": (N_("Tiempo para decidir"), N_("Horas desde que se entrega una solicitud hasta que se decide.")),
    "late": (N_("Decididas tarde"), N_("De lo decidido, la parte que se decidió después del día prometido.")),
    "third-next-available": (
        N_("Tercera cita disponible"),
        N_("Días hasta la tercera cita libre, leídos cada mañana: la medida usual del acceso."),
    ),
    "no-show": (N_("Citas perdidas"), N_("De las citas que llegaron a su hora, la parte a la que nadie acudió.")),
    "wait": (N_("Espera en persona"), N_("Minutos desde la llegada hasta la atención.")),
    "attention": (N_("Atención en persona"), N_("Minutos desde que empieza la atención hasta que termina.")),
    "gave-up": (N_("Se fueron sin atención"), N_("De quienes llegaron, la parte que se fue sin ser atendida.")),
    "satisfaction": (N_("Satisfacción"), N_("Del 1 al 5, de quienes respondieron.")),
    "would-have-visited": (
        N_("Habrían ido en persona"),
        N_("De quienes respondieron, la parte que sin el portal habría ido a la unidad."),
    ),
    "refusal-reasons": (
        N_("Motivos de negativa o de no proceder"),
        N_("Cuántas veces se dio cada motivo, también al contestar que una queja no corresponde."),
    ),
    "refusal-shares": (N_("Parte de cada motivo"), N_("De los motivos que se dieron, la parte de cada uno.")),
    "cost-per-transaction": (
        N_("Costo por trámite"),
        N_("Pesos que le cuesta a la institución un trámite en promedio, según por dónde se hizo."),
    ),
}
"""The name and the meaning of each metric of `rules.metrics`."""

LEFT_OUT = {
    "failures": N_("Lo que se empezó y no terminó, o se negó, resta el tiempo que costó y no ahorra nada."),
    "repeats": N_("Lo que una persona repite en pocos días cuenta una vez, y si aun así fue a la unidad, ninguna."),
    "not-displaced": N_("No cuenta a quienes, sin el portal, no habrían ido."),
    "consultations": N_("La consulta misma no cuenta en ningún lado; sólo el viaje y la fila para la ficha."),
    "money-and-time": N_("El dinero y el valor del tiempo se muestran aparte y nunca se suman."),
    "agency": N_("No incluye lo que la institución gasta o ahorra, ni lo que costó hacer el portal."),
    "companions": N_(
        "No cuenta el tiempo de quien acompaña, ni el cuidado de niñas y niños, ni el día de trabajo perdido."
    ),
}
"""What a parameter of savings doesn't cover, or counts against itself."""
