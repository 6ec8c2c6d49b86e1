"""The browser side of a request: its web session and cookies, and FastAPI dependencies that say who is signed in.

A page's signature states which actor it accepts; where that one isn't signed in, the answer leads to the sign-in page.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from fastapi import Depends, Request
from starlette.datastructures import Headers
from starlette.requests import cookie_parser

from app.identity import devices
from app.identity.dependencies import address_of, bearer_of
from app.identity.device_class import device_of
from app.identity.permissions import require_assurance
from app.identity.problems import CrossSite, EarlierSession, TokenExpired
from app.identity.service.activity import SessionTimer, track_activity
from app.identity.service.sessions import (
    LANDING_PAGE,
    PROOF_DIGEST,
    Proof,
    find_repeated_sign_in,
    find_session,
    idle_session,
    lock_sign_in,
    start_session,
    touch_session,
)
from app.identity.service.staff import staff_by_id
from app.identity.service.unit_devices import device_by_token
from app.identity.tokens import read_access_token
from app.kernel.actor import Anonymous, Assurance, Channel, Citizen, Device, DeviceKind, Staff, UnitDevice
from app.kernel.db import raw_connection, reading
from app.kernel.http.pages import page_form
from app.kernel.http.parameters import Tx
from app.kernel.idempotency import KEY_FIELD, wait_for_duplicate
from app.kernel.problems import Problem, Unauthorized
from app.kernel.settings import get_settings

if TYPE_CHECKING:
    from app.identity.models import Assistance, WebSession

SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}
RETURN_FIELDS = {"unidad", "dia", "consultorio"}
"""What of an address is held while someone signs in: what a page of staff is of. Never words that were searched for."""


@dataclass(slots=True)
class BrowserSession:
    """The browser side of a request: its web session (`row`), if any, and its cookies.

    `fresh_token` is set when the session cookie must be written, `ended` when it must be deleted; `stores_work`: what
    the device has to send outlives the session. `idle` is a session that timed out; `timer` is set if the request
    counts as a step of a citizen's session. `token` is the session cookie as sent, `known_device` the device cookie,
    `fresh_device` its new value. `may_only_repeat`: the form was rendered before this session started, so that it may
    only repeat a sign-in. `assistance` and `served` are set on the pages on which staff act for a person: whom,
    and the person as the actor; answers are then those of the assistance.
    """

    row: WebSession | None
    address: str
    device: Device
    timer: SessionTimer | None = None
    idle: WebSession | None = None
    fresh_token: str | None = None
    ended: bool = False
    stores_work: bool = False
    token: str = ""
    known_device: str = ""
    fresh_device: str | None = None
    may_only_repeat: bool = False
    assistance: Assistance | None = None
    served: Citizen | None = None

    @property
    def answers(self) -> dict[str, Any]:
        holder = self.assistance or self.row
        return dict(holder.answers) if holder is not None else {}

    def remember(self, **answers: Any) -> None:
        """Store answers of a multi-page flow in the session; None deletes one. Requires a session
        (`ensure_session`)."""
        holder = self.assistance or self.row
        if holder is None:
            raise RuntimeError("answers need a session: call ensure_session first")
        answers = self.answers | answers
        holder.answers = {name: value for name, value in answers.items() if value is not None}

    @property
    def is_sure(self) -> bool:
        """Return whether the person whose pages these are has full assurance and may see registry data."""
        if self.served is not None:
            return self.served.assurance is Assurance.FULL
        return self.row is not None and self.row.assurance == Assurance.FULL

    @property
    def csrf(self) -> str:
        return self.row.csrf if self.row is not None else ""


def cookie_name() -> str:
    """`__Host-` binds the cookie to this host and to https; browsers refuse that prefix on plain http."""
    settings = get_settings()
    return f"__Host-{settings.cookie_name}" if settings.secure_cookies else settings.cookie_name


def device_cookie_name() -> str:
    """Return the name of the device cookie. It and the others go on after an underscore, which the name of no
    installation has: those of two can't be the same."""
    return f"{cookie_name()}_device"


def unit_device_cookie_name() -> str:
    """Return the name of the cookie that holds the token of a kiosk or board."""
    return f"{cookie_name()}_unit-device"


def work_cookie_name() -> str:
    """Return the name of the cookie that the day sheet sets on a device that was prepared to work offline: signing out
    leaves what it has to send."""
    return f"{get_settings().cookie_name}_work"


def known_caller(headers: Headers) -> str | None:
    """Identify the caller without a database query: a known device by its cookie, or an API client by its token."""
    kind, _space, token = headers.get("authorization", "").partition(" ")
    if kind.lower() == "bearer":
        try:
            bearer = read_access_token(token)
        except TokenExpired:
            return None
        return f"program {bearer.family_id or bearer.subject_id}"
    cookie = cookie_parser(headers.get("cookie", "")).get(device_cookie_name(), "")
    known = devices.device_id(cookie) if cookie else None
    return f"device {known}" if known else None


async def _browser_session(request: Request, tx: Tx) -> BrowserSession:
    token = request.cookies.get(cookie_name(), "")
    if request.method not in SAFE_METHODS:
        await wait_for_duplicate(tx, (await page_form(request)).get(KEY_FIELD))
    row = await touch_session(tx, token) if token else None
    if request.method not in SAFE_METHODS:
        await _require_same_site(request, row)
    return await _load_browser_session(request, tx, token, row)


async def _load_browser_session(request: Request, tx: Tx, token: str, row: WebSession | None) -> BrowserSession:
    timer = await track_activity(tx, row, is_step=request.method not in SAFE_METHODS) if row is not None else None
    idle = await idle_session(tx, token) if token and row is None else None
    browser = BrowserSession(row, address_of(request), device_of(request.headers), timer, idle)
    browser.stores_work = work_cookie_name() in request.cookies
    browser.token, browser.known_device = token, request.cookies.get(device_cookie_name(), "")
    return browser


async def _sign_in_session(request: Request, tx: Tx) -> BrowserSession:
    """Load the session for a sign-in form. Sign-ins of a browser are serialized, so that a double click finds the
    result of the first.

    The second may arrive with the session cookie of the first, which its form predates: then it may only repeat the
    first.
    """
    token = request.cookies.get(cookie_name(), "")
    key = str((await page_form(request)).get(KEY_FIELD, ""))[:100]
    await lock_sign_in(tx, [browser for browser in (token, key) if browser])
    row = await touch_session(tx, token) if token else None
    only_repeat = False
    try:
        await _require_same_site(request, row)
    except CrossSite:
        if row is None or PROOF_DIGEST not in row.answers or _is_foreign(request):
            raise
        only_repeat = True
    browser = await _load_browser_session(request, tx, token, row)
    browser.may_only_repeat = only_repeat
    return browser


def make_proof(browser: BrowserSession, key: str, *parts: str) -> Proof:
    """Build the proof of a sign-in form from this browser; its session, if any, identifies the browser best."""
    browsers = [browser.token, key] if browser.row is not None else [key, browser.token]
    return Proof("\n".join(parts), tuple(one for one in browsers if one))


async def replay_sign_in(tx: Tx, browser: BrowserSession, proof: Proof) -> str | None:
    """Return the landing page of the same sign-in moments ago and switch to its session; None if it is a new one.

    Raises:
        CrossSite: it isn't a repetition, and the form belongs to another session.
    """
    found = await find_repeated_sign_in(tx, browser.row, proof)
    if found is not None:
        browser.row, browser.fresh_token = found
        return str(browser.row.answers.get(LANDING_PAGE) or "/")
    if browser.may_only_repeat:
        raise CrossSite
    return None


def remember_device(browser: BrowserSession, account: str) -> None:
    """Remember that the account signed in from this device: attempts from elsewhere no longer slow it down."""
    browser.fresh_device = devices.add_account(browser.known_device, account)


async def ensure_session(tx: Tx, browser: BrowserSession) -> BrowserSession:
    """Start a web session if there is none."""
    if browser.row is None:
        browser.row, browser.fresh_token = await start_session(tx, device=browser.device, idle=browser.idle)
    return browser


def _is_foreign(request: Request) -> bool:
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    if site is not None:
        return site not in {"same-origin", "none"}
    return origin is not None and urlsplit(origin).netloc != request.headers.get("host")


async def _require_same_site(request: Request, row: WebSession | None) -> None:
    """Require a same-site form: by the browser's fetch metadata or Origin, and by the session's CSRF token."""
    if _is_foreign(request):
        raise CrossSite
    site = request.headers.get("sec-fetch-site")
    has_token = row is not None and (site is None or row.person_id or row.staff_id)
    if row is not None and has_token and (await page_form(request)).get("csrf") != row.csrf:
        raise EarlierSession


class SignInRequired(Problem):
    """The page requires signing in. `location` is the sign-in page, which returns here afterwards. `stores_form`: with
    what was typed; not where anyone types it."""

    slug = "sign-in-required"
    status = 401
    title = Unauthorized.title
    detail = Unauthorized.detail
    next_step = Unauthorized.next_step

    def __init__(self, location: str, *, stores_form: bool = True) -> None:
        super().__init__()
        self.location, self.stores_form = location, stores_form


def _sign_in_page(request: Request, page: str) -> SignInRequired:
    """Return the redirect to the sign-in page, with the current page and what it shows, or the page whose form was
    sent, as return path."""
    prefix = request.scope["state"].get("prefix", "")
    back, query = str(request.scope["path"]), request.url.query
    if request.method not in SAFE_METHODS:
        sent_from = urlsplit(request.headers.get("referer", ""))
        back = "/" + sent_from.path.removeprefix(f"{prefix}/").lstrip("/") if sent_from.path else ""
        query = sent_from.query
    left = [(name, value) for name, value in parse_qsl(query) if name in RETURN_FIELDS]
    if back and left:
        back += f"?{urlencode(left)}"
    return SignInRequired(f"{prefix}{page}" + (f"?next={quote(back)}" if back else ""))


PUBLIC_UPLOADS = frozenset({"/verificar/archivo"})
"""Where anyone may send a file, of the size of an ordinary body."""


def takes_file(path: str) -> bool:
    """Whether files are attached here: `…/documents` in the API, `…/documentos` in the pages."""
    return path.endswith("/documents" if path.startswith("/api/v1/") else "/documentos")


async def authenticate_uploader(request: Request) -> str:
    """Authenticate an uploader by the request headers, before the body is read.

    Raises:
        Unauthorized, TokenExpired, SignInRequired: no one is signed in.
    """
    if request.scope["path"].startswith("/api/"):
        bearer = await bearer_of(request)
        return f"{bearer.kind}:{bearer.subject_id}"
    token = request.cookies.get(cookie_name(), "")
    async with reading() as session:
        row = await find_session(session, token) if token else None
    if row is None or (row.person_id or row.staff_id) is None:
        raise _sign_in_page(request, "/entrar")
    return str(row.person_id or row.staff_id)


async def _low_citizen_web(request: Request, browser: Annotated[BrowserSession, Depends(_browser_session)]) -> Citizen:
    if browser.served is not None:
        return browser.served
    if browser.row is None or browser.row.person_id is None:
        on_the_way = request.scope["path"].startswith("/citas")
        raise _sign_in_page(request, "/citas/identidad" if on_the_way else "/entrar")
    assurance = Assurance(browser.row.assurance or Assurance.LOW)
    return Citizen(browser.row.person_id, Channel.WEB, browser.row.id, browser.device, browser.timer, assurance)


async def _citizen_web(citizen: Annotated[Citizen, Depends(_low_citizen_web)]) -> Citizen:
    require_assurance(citizen)
    return citizen


async def _staff_web(request: Request, browser: Annotated[BrowserSession, Depends(_browser_session)], tx: Tx) -> Staff:
    staff = await staff_by_id(tx, browser.row.staff_id) if browser.row and browser.row.staff_id else None
    if staff is None:
        raise _sign_in_page(request, "/ventanilla/entrar")
    return staff


async def _anonymous_web(request: Request) -> Anonymous:
    known = request.cookies.get(device_cookie_name(), "")
    return Anonymous(Channel.WEB, address_of(request), device_of(request.headers), known)


async def _unit_device(request: Request) -> UnitDevice | None:
    token = request.cookies.get(unit_device_cookie_name(), "")
    if not token:
        return None
    async with raw_connection() as hot:
        return await device_by_token(hot, token)


async def _kiosk_web(device: Annotated[UnitDevice | None, Depends(_unit_device)], request: Request) -> UnitDevice:
    if request.method not in SAFE_METHODS and _is_foreign(request):
        raise CrossSite
    if device is None or device.device_kind is not DeviceKind.KIOSK:
        prefix = request.scope["state"].get("prefix", "")
        raise SignInRequired(f"{prefix}/ventanilla/quiosco/vincular", stores_form=False)
    return device


BrowserSessionWeb = Annotated[BrowserSession, Depends(_browser_session)]
SignInSessionWeb = Annotated[BrowserSession, Depends(_sign_in_session)]
CitizenWeb = Annotated[Citizen, Depends(_citizen_web)]
LowCitizenWeb = Annotated[Citizen, Depends(_low_citizen_web)]
StaffWeb = Annotated[Staff, Depends(_staff_web)]
# A kiosk of a unit; and the device of this browser, if it is one, for pages that are open to all.
KioskWeb = Annotated[UnitDevice, Depends(_kiosk_web)]
UnitDeviceWeb = Annotated[UnitDevice | None, Depends(_unit_device)]
AnonymousWeb = Annotated[Anonymous, Depends(_anonymous_web)]
