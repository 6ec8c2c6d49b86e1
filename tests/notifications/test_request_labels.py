"""What shows on a locked screen - a text message, a subject - names no service, outcome or person, in any language."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from app.catalog.challenges import DOUBT, means_against, means_of
from app.catalog.loader import load_services
from app.kernel import ids
from app.kernel.i18n import LANGUAGES, use_language
from app.notifications import gsm
from app.notifications.composers import requests
from app.notifications.composers.notices import MessageText
from app.notifications.contacts import EMAIL, SMS
from app.requests.queries.case_file import Challengeable
from app.requests.rules.clock import terms_of

OUTCOMES = ("aprob", "neg", "venc", "approv", "refus", "laps")
FOLIO = "R-27183-28459-0"  # of digits alone: one drawn by lot spells an outcome now and then
LONGEST_SITE = 70
hosts = st.text("abcdefghijklmnopqrstuvwxyz0123456789.-", min_size=1, max_size=LONGEST_SITE - len("https://"))


def written(
    kind: str, service: str, language: str, channel: str, site: str = "https://citas.ejemplo.mx"
) -> MessageText:
    with use_language(language):
        news = requests.News(
            kind,
            FOLIO,
            load_services()[service],
            for_name="Ximena",
            day=date(2026, 12, 1),
            appointment=ids.new_folio("C"),
        )
        return requests.about_request(news, channel=channel, url=f"{site}/{language}/tramites/{FOLIO}")


kinds = st.sampled_from(sorted(requests.SAYINGS))
services = st.sampled_from(sorted(load_services()))
languages = st.sampled_from(sorted(LANGUAGES))


@given(kinds, services, languages, hosts)
def test_a_text_message_is_one_part_of_the_alphabet(kind: str, service: str, language: str, host: str) -> None:
    body = written(kind, service, language, SMS, f"https://{host}").body
    assert gsm.plain(body) == body
    assert gsm.places(body) <= gsm.ONE_PART
    assert body.endswith(f"/{language}/tramites/{body.rsplit('/', 1)[1]}")


@given(kinds, services, languages)
def test_a_locked_screen_shows_neither_service_nor_outcome_nor_name(kind: str, service: str, language: str) -> None:
    text, mail = written(kind, service, language, SMS), written(kind, service, language, EMAIL)
    name = load_services()[service].name
    for shown in (text.subject, text.body, mail.subject):
        lower = shown.lower()
        assert not any(reported in lower for reported in (name.es.lower(), name.en.lower(), "ximena", *OUTCOMES))


@given(st.sampled_from(sorted(name for name in load_services() if means_against(load_services()[name]))))
def test_a_message_of_a_refusal_says_whose_term_is_our_reading(service: str) -> None:
    """As the page and the document do: of the court alone."""
    given_on = date(2026, 12, 1)
    terms = terms_of(means_of(load_services()[service]), given_on, frozenset(), effect_working_days=1)
    against = Challengeable(given_on, given_on, tuple(terms))
    news = requests.News("refused", FOLIO, load_services()[service], for_name="", against=against)
    body = requests.about_request(news, channel=EMAIL, url=None).body
    assert [line for line in body.splitlines() if DOUBT in line] == [
        line for line in body.splitlines() if line.startswith("- Demanda ante el tribunal laboral")
    ]
    assert body.count(DOUBT) == 1


@given(services, languages)
def test_a_text_message_is_the_same_whatever_happened(service: str, language: str) -> None:
    def shape(kind: str) -> str:
        said = written(kind, service, language, SMS)
        return said.body.replace(said.body.rsplit("/", 1)[1], "FOLIO")

    assert len({shape(kind) for kind in requests.SAYINGS}) == 1


@given(kinds, services, languages)
def test_a_mail_names_the_service_in_the_readers_language(kind: str, service: str, language: str) -> None:
    name = load_services()[service].name
    assert (name.es if language == "es" else name.en) in written(kind, service, language, EMAIL).body
