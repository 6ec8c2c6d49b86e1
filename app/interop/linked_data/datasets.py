"""The published tables as a catalogue of DCAT 3: each a data set with its files."""

from app.interop.linked_data.vocabulary import LANGUAGES, MEXICO, Node, address, agency_id, document, spoken
from app.savings.export.files import FORMATS
from app.savings.export.package import OPEN
from app.savings.export.tables import PUBLIC_TABLES, Table

MEDIA_TYPES = "https://www.iana.org/assignments/media-types/"
TITLE = {
    "es": "Lo que la gente ahorró con el portal",
    "en": "What people saved with the portal",
}
DESCRIPTION = {
    "es": "Sumas observadas y las cifras con que se valoran; lo que es de muy pocas personas se junta con otras.",
    "en": "Observed sums and the figures that they are valued with; what is of too few people is merged with others.",
}


def data_document() -> Node:
    """What anyone may download whole."""
    datasets = [_dataset(one) for one in PUBLIC_TABLES.values()]
    catalogue: Node = {
        "@id": address("/datos#catalog"),
        "@type": "dcat:Catalog",
        "dct:title": [spoken(*one) for one in TITLE.items()],
        "dct:description": [spoken(*one) for one in DESCRIPTION.items()],
        "dct:publisher": {"@id": agency_id()},
        "dct:language": {"@id": LANGUAGES["en"]},
        "dct:license": {"@id": OPEN["path"]},
        "foaf:homepage": {"@id": address("/datos")},
        "dcat:dataset": [{"@id": one["@id"]} for one in datasets],
    }
    return document([catalogue, *datasets])


def _dataset(table: Table) -> Node:
    return {
        "@id": address(f"/datos#{table.name}"),
        "@type": "dcat:Dataset",
        "dct:identifier": table.name,
        "dct:title": spoken("en", table.title),
        "dct:description": spoken("en", table.means),
        "dct:publisher": {"@id": agency_id()},
        "dct:spatial": {"@id": MEXICO},
        "dct:license": {"@id": OPEN["path"]},
        "dcat:landingPage": {"@id": address("/datos/descargas")},
        "dcat:distribution": [
            {
                "@id": address(f"/datos#{table.name}-{name}"),
                "@type": "dcat:Distribution",
                "dct:title": spoken("en", f"{table.title} ({name})"),
                "dct:license": {"@id": OPEN["path"]},
                "dcat:accessURL": {"@id": address("/datos/descargas")},
                "dcat:downloadURL": {"@id": address(f"/api/v1/exports/{table.name}?format={name}")},
                "dcat:mediaType": {"@id": MEDIA_TYPES + media_type.partition(";")[0]},
            }
            for name, media_type in FORMATS.items()
        ],
    }
