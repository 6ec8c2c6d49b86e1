"""Both documents are what their profiles ask for, as a program that reads RDF sees them."""

from pathlib import Path

import httpx
import pyshacl
import pytest
from rdflib import RDF, Graph, Literal, Namespace, URIRef

from app.catalog.loader import load_services
from app.kernel.settings import get_settings

pytestmark = pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated")  # rdflib's own reader uses it
SHAPES = Path(__file__).with_name("shapes.ttl")
CPSV = Namespace("http://purl.org/vocab/cpsv#")
CV = Namespace("http://data.europa.eu/m8g/")
DCAT = Namespace("http://www.w3.org/ns/dcat#")
DCT = Namespace("http://purl.org/dc/terms/")


async def read(client: httpx.AsyncClient, path: str) -> Graph:
    answer = await client.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/ld+json")
    return Graph().parse(data=answer.text, format="json-ld")


def problems_of(graph: Graph) -> str:
    """What the shapes have against it; empty where nothing."""
    conforms, _report, words = pyshacl.validate(graph, shacl_graph=Graph().parse(SHAPES))
    return "" if conforms else str(words)


async def test_every_service_is_a_public_service(client: httpx.AsyncClient) -> None:
    graph = await read(client, "/services.jsonld")
    assert problems_of(graph) == ""
    found = {str(graph.value(one, DCT.identifier)) for one in graph.subjects(RDF.type, CPSV.PublicService)}
    assert found == set(load_services())
    complaint = URIRef(f"{get_settings().base_url}/tramites/complaint#service")
    titles = [one for one in graph.objects(complaint, DCT.title) if isinstance(one, Literal)]
    assert {one.language: str(one) for one in titles} == load_services()["complaint"].name.both()
    (evidence,) = graph.objects(complaint, CPSV.hasInput)
    assert str(graph.value(evidence, DCT.identifier)) == "complaint/evidence"


async def test_published_tables_are_data_sets_whose_files_are_there(client: httpx.AsyncClient) -> None:
    graph = await read(client, "/data.jsonld")
    assert problems_of(graph) == ""
    (catalogue,) = graph.subjects(RDF.type, DCAT.Catalog)
    listed = {one["table"] for one in (await client.get("/api/v1/exports")).json()}
    names = {str(graph.value(one, DCT.identifier)) for one in graph.objects(catalogue, DCAT.dataset)}
    assert names == listed
    files = {str(one).removeprefix(get_settings().base_url) for one in graph.objects(None, DCAT.downloadURL)}
    assert len(files) == 2 * len(names)
    assert all(one.startswith("/api/v1/exports/") for one in files)


async def test_the_shapes_notice_what_is_missing(client: httpx.AsyncClient) -> None:
    for path, kind, needed in (
        ("/services.jsonld", CPSV.PublicService, DCT.title),
        ("/services.jsonld", CV.PublicOrganisation, DCT.spatial),
        ("/data.jsonld", DCAT.Distribution, DCAT.accessURL),
    ):
        graph = await read(client, path)
        graph.remove((next(graph.subjects(RDF.type, kind)), needed, None))
        assert f"->{needed.n3(graph.namespace_manager)}" in problems_of(graph)


@pytest.mark.parametrize(("page", "document"), [("/tramites", "/services.jsonld"), ("/datos", "/data.jsonld")])
async def test_pages_link_to_their_document(client: httpx.AsyncClient, page: str, document: str) -> None:
    answer = await client.get(page, headers={"Accept": "text/html"})
    assert f'<link rel="alternate" type="application/ld+json" href="{document}">' in answer.text
