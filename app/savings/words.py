"""What people call the things of the measurement: the words that answers, pages and problems share."""

from app.kernel.i18n import N_

FAULTS = {
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
}
"""What is wrong with a row of a baseline, by the codes of `rules.figures.problems_of`."""
