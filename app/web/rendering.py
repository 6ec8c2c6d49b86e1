"""Pages from templates: language, links, errors and the session's cookie, in one place."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from fastapi import Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import ChoiceLoader, Environment, PackageLoader, PrefixLoader
from markupsafe import Markup

from app.identity.devices import COOKIE_SECONDS
from app.identity.settings import identity_settings
from app.kernel import clock
from app.kernel.http.pages import own_path
from app.kernel.i18n import (
    DEFAULT,
    LANGUAGES,
    N_,
    at_hour,
    format_clock,
    format_day,
    format_hour,
    format_short_day,
    format_weekday,
    gettext,
    language,
    ngettext,
)
from app.kernel.parsing import strip_bidi_controls
from app.kernel.problems import FieldError, Problem
from app.kernel.settings import get_settings
from app.places.rules import DEFAULT_ZONE
from app.places.settings import agency_settings
from app.web import assisted_labels, labels
from app.web.assisted_paths import ASSISTED, assisted_path
from app.web.browser import BrowserSession, cookie_name, device_cookie_name
from app.web.effects import ALREADY, NOTICE, READER, SENDER, TYPED, EffectForm, already_at, effect, owner_of
from app.web.folios import FolioConvertor
from app.web.form_problems import AboutTyped, PageChanged
from app.web.forms import SubmittedForm, summary_line
from app.web.notices import NOTICE_FIELDS, SIGNATURE_FIELD, notice, signed
from app.web.passes import OWNER, owner_mark
from app.web.portal_worker import ADDRESS, has_worker, is_for_citizens
from app.web.typed_work import shows_typed

if TYPE_CHECKING:
    from app.registry.models import Person

OK, UNPROCESSABLE = 200, 422
CHANGED = f"{NOTICE}=cambio"
"""The query of a page to which a form led that had no effect, because what it showed had changed."""
STORED = "guardado="
RESTORED, ENDED = f"{STORED}1", f"{STORED}0"
"""The query of a page that has a form to restore, or a button that was pressed when the session had ended: see
`form_recovery`."""
LEFT_OUT = "left_out"
"""In the state of a request: the filters of its address that the page left out, in words."""
OURS = (RESTORED, ENDED)
STORED_NOTICE, ENDED_NOTICE = f"{NOTICE}=guardado", f"{NOTICE}=termino"
"""The query of the sign-in page that leads to such a page."""
OF_THE_WAY = ("cola=", "folio=", "turno=", "v=", "a=")
"""What the query of a page says of how one came there: the list, and what a button did to what."""
STATIC = Path(__file__).parent / "static"
HALF_OF_DAY = re.compile(r"(?<=[0-9]) (?=[ap]\.m\.|[AP]M\b)")
LONG_WORD = re.compile(r"(\S{25,})")
FOLIO = re.compile(rf"\b((?:{FolioConvertor.regex}(?![0-9A-Z])|[A-Z]-[0-9]{{3,6}}\b)[.,;:]?)")


@lru_cache
def environment() -> Environment:
    """The templates, with the component macros beside them."""
    components = PrefixLoader({"govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja")})
    made = Environment(
        loader=ChoiceLoader([PackageLoader("app.web"), components]),
        autoescape=True,
        auto_reload=not get_settings().is_production,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_finalize,
    )
    made.filters["upper_first"] = _upper_first
    made.filters["lower_first"] = lower_first
    made.filters["at_hour"] = at_hour
    made.filters["nowrap"] = nowrap
    made.filters["unbroken"] = unbroken
    made.filters["translated"] = translated
    made.filters["breakable"] = breakable
    made.globals |= {
        "_": gettext,
        "ngettext": ngettext,
        "labels": labels,
        "assisted_labels": assisted_labels,
        "whom": whom,
        "static": static_path,
        "format_clock": format_clock,
        "format_day": format_day,
        "format_hour": format_hour,
        "format_short_day": format_short_day,
        "format_weekday": format_weekday,
        "site": agency_settings,
        "effect": effect,
        "quoted": quoted,
        "summary_line": summary_line,
    }
    return made


def _finalize(value: Any) -> Any:
    """What a template writes of a text of ours or of anyone's: it can't turn what is around it; and an hour («2:51
    a.m.») stays on one line, and has one full stop where it ends a sentence."""
    if type(value) is not str:
        return value
    return HALF_OF_DAY.sub("\N{NO-BREAK SPACE}", strip_bidi_controls(value)).replace(".m..", ".m.")


@lru_cache
def _manifest() -> dict[str, str]:
    names: dict[str, str] = json.loads((STATIC / "manifest.json").read_text())
    return names


def _upper_first(text: str) -> str:
    """A text at the start of a sentence; the rest stays, since English writes months and days with a capital."""
    return text[:1].upper() + text[1:]


def lower_first(text: object) -> str:
    """A text within a sentence: its first letter small, unless it begins with initials (CURP, CLABE)."""
    text_ = str(text)
    return text_ if text_[1:2].isupper() else text_[:1].lower() + text_[1:]


def translated(text: str) -> str:
    """A text of the database in the reader's language, where it is one of ours; what a person wrote as it is."""
    return gettext(text) if text else ""


def quoted(name: str) -> str:
    """A name that a person chose (of a file) within a sentence, in the quotation marks of the language."""
    return f"«{name}»" if language() == "es" else f"“{name}”"


def whom(browser: BrowserSession, person: Person) -> str:
    """Whom a page is about: by name, for who proved who they are; anyone else is shown no name."""
    return person.full_name if browser.is_sure else gettext(N_("Usted"))


def static_path(name: str) -> str:
    """The address of an asset; its name changes with its content, so it is cached for ever."""
    return f"/static/{_manifest()[name]}"


def prefix_of(request: Request) -> str:
    """`/en` on English pages; nothing on Spanish ones."""
    return str(request.scope["state"].get("prefix", ""))


@dataclass(frozen=True, slots=True)
class TimeLimit:
    """Until when a form can be sent, and whether more time can be asked for."""

    until: datetime
    seconds: int
    can_extend: bool


Answer = TypeVar("Answer", bound=Response)


def time_limit(browser: BrowserSession | None, lease: datetime | None = None) -> TimeLimit | None:
    """Until when a form can be sent: the session's end by its silence or its age, or that of the request on a desk."""
    if browser is None or browser.row is None or not (browser.row.person_id or browser.row.staff_id):
        return None
    idle = browser.row.seen_at + timedelta(minutes=identity_settings().session_idle_minutes)
    ends = [moment for moment in (idle, browser.row.expires_at, lease) if moment is not None]
    until = min(ends)
    seconds = max(0, (until - clock.now()) // timedelta(seconds=1))
    return TimeLimit(until, seconds, can_extend=until != browser.row.expires_at)


def page_of(request: Request) -> str:
    """The page a person is on, without the language: for a form shown again, the one it was sent from."""
    sent_from = str(request.scope["state"].get("page", ""))
    return sent_from or this_page(request).removeprefix(prefix_of(request))


def this_page(request: Request) -> str:
    """The address that a form of the page is sent to when it is the page's own. A form says where it goes: the page
    that answers a form of staff is shown at another address."""
    query = request.scope["query_string"].decode("latin-1")
    passing = {SIGNATURE_FIELD, *NOTICE_FIELDS}
    left = "&".join(part for part in query.split("&") if part not in OURS and part.partition("=")[0] not in passing)
    return prefix_of(request) + str(request.scope["path"]) + (f"?{left}" if left else "")


def render(request: Request, template: str, **context: Any) -> str:
    """The text of a page."""
    prefix = prefix_of(request)
    path = own_path(request.scope["path"])  # the edge has taken the language off already
    other = next(code for code in LANGUAGES if code != language())
    header = request.scope["state"].get("header")
    return (
        environment()
        .get_template(template)
        .render(
            url=lambda to: prefix + assisted_path(request.scope, to),
            assisted=request.scope["state"].get(ASSISTED),
            language=language(),
            other_language=other,
            other_path=("" if other == "es" else f"/{other}") + path,
            alternates=_alternates(path),
            path=path,
            page=page_of(request),
            this_page=this_page(request),
            address=_whole_address(request),
            is_form_stored=is_noticed(request, context.get("browser"), STORED_NOTICE),
            had_ended=is_noticed(request, context.get("browser"), ENDED_NOTICE),
            was_done_already=is_noticed(request, context.get("browser"), ALREADY)
            and not getattr(header, "is_outdated", False),
            time_limit=time_limit,
            centre=DEFAULT_ZONE,
            header=header,
            for_citizens=is_for_citizens(request),
            worker=ADDRESS if has_worker(request) else "",
            left_out=request.scope["state"].get(LEFT_OUT, ""),
            **context,
        )
    )


def _whole_address(request: Request) -> str:
    """The page's whole address for paper: with the filters of a list, without the way on which a request was opened."""
    path, _mark, query = page_of(request).partition("?")
    filters = "&".join(part for part in query.split("&") if part and not part.startswith(OF_THE_WAY))
    whole = get_settings().base_url.rstrip("/") + prefix_of(request) + path
    return f"{whole}?{filters}" if filters else whole


def _alternates(path: str) -> list[tuple[str, str]]:
    """The page's whole address in each language, and for everyone else (Google asks for whole ones)."""
    base = get_settings().base_url.rstrip("/")
    found = [(code, base + ("" if code == DEFAULT else f"/{code}") + path) for code in LANGUAGES]
    return [*found, ("x-default", base + path)]


def show(
    request: Request,
    browser: BrowserSession | None,
    template: str,
    *,
    status: int = 200,
    errors: list[FieldError] | None = None,
    **context: Any,
) -> HTMLResponse:
    """A page; with `errors` it is shown again, each beside its field and all at the top."""
    shown = {error.field: error.message for error in errors or []}
    refusal = request.scope["state"].get("refusal")
    if refusal is None and is_noticed(request, browser, CHANGED):
        refusal, status = PageChanged(), PageChanged.status
    if refusal is not None and refusal.status == OK:
        errors, shown = None, {}
    context = {"refused": refusal, "shown": ()} | context
    context |= {"browser": browser, "csrf": browser.csrf if browser else "", "errors": shown}
    text = _as_it_shows(request, template, context, render(request, template, **context))
    if status == OK and (errors or refusal):
        status = UNPROCESSABLE if errors else refusal.status
    answer = HTMLResponse(text, status)
    answer.headers["Content-Language"] = language()
    if browser is not None and owner_of(browser) != owner_of(None):
        request.scope["state"].setdefault(READER, (owner_of(browser), browser.is_sure, page_of(request)))
    if browser is not None and browser.row is not None and browser.row.person_id and has_worker(request):
        answer.headers[OWNER] = owner_mark(browser.row)
    return _answered(request, browser, answer)


def _as_it_shows(request: Request, template: str, context: dict[str, Any], text: str) -> str:
    """The page, which says that what was typed is still there only if it shows it."""
    said = {name: context.get(name) for name in ("refused", "problem")}
    typed = request.scope["state"].get(TYPED, ())
    about = {name: one for name, one in said.items() if isinstance(one, AboutTyped)}
    if not about or shows_typed(text, typed):
        return text
    return render(request, template, **(context | {name: one.bare(is_page_shown=True) for name, one in about.items()}))


def _answered(request: Request, browser: BrowserSession | None, answer: Answer) -> Answer:
    """The answer, with the session's cookie; `Effect` stores it for a second POST of the same form."""
    request.scope["state"]["answer"] = answer
    keep_cookie(answer, browser)
    return answer


def redirect(request: Request, browser: BrowserSession | None, path: str) -> RedirectResponse:
    """Redirect to another page (303), in the same language. What its address says was done is signed for its reader."""
    sender = request.scope["state"].get(SENDER) if browser is not None and browser.row is not None else None
    address = signed(sender or owner_of(browser), whole_path(request, path))
    return _answered(request, browser, RedirectResponse(prefix_of(request) + address, 303))


def whole_path(request: Request, path: str) -> str:
    """A path of this host without the language: among the pages of an assistance, the one there."""
    return own_path(assisted_path(request.scope, path))


def finish(request: Request, browser: BrowserSession | None, form: EffectForm, path: str) -> RedirectResponse:
    """Redirect to the page that shows what the form did, to another tab that sends the same too."""
    form.outcome = path
    return redirect(request, browser, path)


def already_done(request: Request, browser: BrowserSession | None, path: str) -> RedirectResponse:
    """Redirect to the page of an outcome that was there before the form was sent: nothing was done."""
    return redirect(request, browser, already_at(path))


def is_noticed(request: Request, browser: BrowserSession | None, query: str) -> bool:
    """Whether an answer of ours led here with this notice, such as ALREADY."""
    return query == f"{NOTICE}={notice(request, owner_of(browser), NOTICE)}"


def start_again(request: Request, browser: BrowserSession, form: EffectForm, path: str) -> Response:
    """To the page where something is asked first: what this form's page showed is there no more."""
    form.refuse(PageChanged())
    return redirect(request, browser, f"{path}?{CHANGED}")


def refused(form: SubmittedForm, name: str, problem: Problem, again: Callable[[], Response]) -> Response:
    """The form again with what was typed, the refusal beside a field, and the refusal's own status and headers."""
    form.wrong(name, f"{problem.heading()}. {problem.advice()}")
    answer = again()
    answer.status_code = problem.status
    answer.headers.update(problem.headers)
    return answer


def keep_cookie(answer: Response, browser: BrowserSession | None) -> None:
    """Write the session's cookie when its token is new, and delete it when the session ended; write that of a browser
    used to sign in for the first time."""
    if browser is None:
        return
    if browser.fresh_device is not None:
        answer.set_cookie(
            device_cookie_name(),
            browser.fresh_device,
            max_age=COOKIE_SECONDS,
            path="/",
            secure=get_settings().secure_cookies,
            httponly=True,
            samesite="lax",
        )
    if browser.ended:
        answer.delete_cookie(cookie_name(), path="/", secure=get_settings().secure_cookies, httponly=True)
        answer.headers["Clear-Site-Data"] = '"cache"' if browser.stores_work else '"cache", "storage"'
    elif browser.fresh_token is not None:
        answer.set_cookie(
            cookie_name(),
            browser.fresh_token,
            path="/",
            secure=get_settings().secure_cookies,
            httponly=True,
            samesite="lax",
        )


def nowrap(text: str) -> Markup:
    """An identifier that stays on one line, however narrow the page."""
    return Markup('<span class="v-nowrap">{}</span>').format(_finalize(text))


def breakable(text: object) -> Markup:
    """What people wrote, in a cell of a table: a word that no column could hold may break; others don't, so that the
    column is as wide as they are."""
    return Markup("").join(
        Markup('<span class="v-breakable">{}</span>').format(part) if place % 2 else part
        for place, part in enumerate(LONG_WORD.split(_finalize(str(text))))
    )


def unbroken(sentence: str) -> Markup:
    """A sentence whose folios and ticket numbers stay on one line, with what punctuates them: a browser breaks them at
    their hyphens."""
    parts = FOLIO.split(_finalize(sentence))
    return Markup("").join(nowrap(part) if place % 2 else part for place, part in enumerate(parts))


def safe_svg(svg: str) -> Markup:
    """A picture of ours, which is safe to put into a page as it is."""
    return Markup(svg)  # noqa: S704 # made by our own code from values it checked
