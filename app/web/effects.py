"""Forms that have an effect: each acts on what its page showed, and once.

A page writes `effect(facts)` into its form: the session's token, an idempotency key of its own, and a keyed digest of
the facts that it shows. The route compares the digest with the facts as they are (`EffectForm.require`), on rows that
it holds, before it acts: the pages' counterpart of `If-Match`. The answer to the first POST of a key is stored in the
transaction of its effect; a second POST of the same form gets that answer. The same form sent from another tab, which
showed the same facts, changes nothing either: its page is the outcome of the first (`EffectForm.outcome`).
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import Depends, Request, Response
from fastapi.responses import RedirectResponse
from jinja2 import pass_context
from jinja2.runtime import Context
from markupsafe import Markup, escape
from starlette.datastructures import UploadFile

from app.identity.service.stored_forms import delete_form, delete_responses, owner_tag, read_tag
from app.kernel.crypto import decrypt, encrypt, hmac_digests
from app.kernel.db import separate_tx
from app.kernel.http.pages import page_form, readable_form
from app.kernel.http.parameters import Tx
from app.kernel.http.responses import AlreadyAnswered
from app.kernel.idempotency import (
    KEY_FIELD,
    claim_key,
    find_response,
    find_same,
    fingerprint,
    reclaim_key,
    release_key,
    set_response,
    wait_for_duplicate,
)
from app.kernel.problems import Conflict, FieldError, Gone, NotFound, Problem, Stale
from app.web.assisted_paths import assisted_path
from app.web.browser import BrowserSession, BrowserSessionWeb
from app.web.form_problems import (
    AlreadySent,
    FormIncomplete,
    FormRedisplayed,
    FormRestored,
    PageChanged,
    StoredResponseUnreadable,
    TextTooLong,
)
from app.web.forms import MAX_LENGTH, PAGE_FIELD, SubmittedForm, WholeForm, new_key, too_long
from app.web.notices import signed

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from app.identity.models import WebSession

SHOWN_FIELD, AGAIN_FIELD, FOR_FIELD = "shown", "again", "for"
OWN_FIELDS = {"csrf", KEY_FIELD, SHOWN_FIELD, PAGE_FIELD, AGAIN_FIELD, FOR_FIELD}
"""What every such form carries besides what a person typed."""
KEY = re.compile(r"[A-Za-z0-9_-]{16,64}")
PURPOSE = "page answer"
REDIRECT = 303
SAVED, OUTCOME = "saved", "outcome"
"""Beside the headers of a stored answer: the mark of the facts that a part of the form's effect left; the page that
shows its outcome."""
ITSELF = "-"
"""The outcome of a form whose answer is the page that says it."""
NOTICE = "aviso"
ALREADY = f"{NOTICE}=ya"
"""The query of a page that shows the outcome of a form to who sends the same again."""
TYPED = "typed_fields"
"""In the state of a request: the names of the fields of its form that were sent with something in them."""
SENDER = "form_owner"
"""In the state of a request: whose its form is, as `owner_of` said before the form had its effect."""
READER = "answers"
"""In the state of a request: whom its page answers, of those who are signed in, whether it is sure who they are, and
the page that the form was sent from."""


def already_at(address: str) -> str:
    """The page of an outcome for who sends the same again: it says that nothing was done."""
    page, mark, anchor = address.partition("#")
    return f"{page}{'&' if '?' in page else '?'}{ALREADY}{mark}{anchor}"


def owner_of(browser: BrowserSession | None) -> str:
    """Whose page it is: what one person was shown is worth nothing in another's hands."""
    return owner_of_session(browser.row if browser else None)


def owner_of_session(row: WebSession | None) -> str:
    """Whose session it is, as `owner_of`."""
    if row is None:
        return "anonymous"
    return f"citizen:{row.person_id}" if row.person_id else f"staff:{row.staff_id}" if row.staff_id else "anonymous"


def shown_mark(owner: str, facts: Any) -> str:
    """A keyed digest of the facts that a page shows to its owner."""
    return _shown_marks(owner, facts)[0]


def _shown_marks(owner: str, facts: Any) -> list[str]:
    """The digest by each key, the newest first: a page shown before a key was replaced stands."""
    shown = json.dumps([owner, facts], default=str, ensure_ascii=False)
    return [one.hex()[:32] for one in hmac_digests("shown", shown)]


@pass_context
def effect(context: Context, *facts: Any) -> Markup:
    """The hidden fields of a form that has an effect, on these facts."""
    browser = context.get("browser")
    fields = {
        "csrf": browser.csrf if browser else "",
        KEY_FIELD: new_key(),
        SHOWN_FIELD: shown_mark(owner_of(browser), facts),
        PAGE_FIELD: context.get("page") or "",
        FOR_FIELD: owner_tag(owner_of(browser)),
    }
    hidden = Markup('<input type="hidden" name="{}" value="{}">')
    return Markup("").join(hidden.format(escape(name), escape(value)) for name, value in fields.items() if value)


@dataclass(slots=True)
class EffectForm(SubmittedForm):
    """A form that has an effect. `refusal` is why it must not, found before its route looked at it."""

    owner: str = ""
    state: dict[str, Any] = field(default_factory=dict)
    is_compared: bool = False
    saved: str = ""
    """The mark of the facts as the first POST of this form left them, when that one did a part of what it asks for."""
    has_acted: bool = False
    """Something was done although the page is shown again: a second POST gets that page."""
    failure: Problem | None = None
    """Why it had no effect, where its page says so itself."""
    outcome: str = ""
    """The page that shows what was done, also to another tab that sends the same; or ITSELF."""

    @property
    def refusal(self) -> Problem | None:
        """Why the form must have no effect; every page says it (see `show`)."""
        found: Problem | None = self.state.get("refusal")
        return found

    def refuse(self, problem: Problem) -> None:
        """The form has no effect: its page is shown again, with this on top."""
        self.state["refusal"] = problem

    def explain_at(self, errors: list[FieldError]) -> None:
        """What was refused as a whole is said at its fields instead, on the page that is shown again."""
        self.errors = errors
        self.state["refusal"] = None

    def rest(self, *spent: str) -> EffectForm:
        """What was typed besides these fields, to be shown again after they had their effect."""
        removed = OWN_FIELDS | set(spent)
        values = {name: value for name, value in self.values.items() if name not in removed}
        lists = {name: value for name, value in self.lists.items() if name not in removed}
        return EffectForm(values, self.path, [], lists, self.owner, {})

    def holds(self, *facts: Any) -> bool:
        """Whether the page showed these facts, and the form wasn't sent before with something else in it. Load the
        facts from rows that are held for the effect. When it is false, show the page again with what was typed."""
        self.is_compared = True
        given = self.get(SHOWN_FIELD).encode()
        showed = any(hmac.compare_digest(given, one.encode()) for one in _shown_marks(self.owner, facts))
        is_as_saved = bool(self.saved) and self.saved in _shown_marks(self.owner, facts)
        if self.refusal is None and not showed and not is_as_saved:
            self.refuse(PageChanged())
        return self.refusal is None

    def leave_open(self, *facts: Any) -> None:
        """A part was done, and the page is shown again for the rest: the same form with something else in it (Back, and
        corrected) is no repetition, as long as these facts, which the part left, are as they are now."""
        self.has_acted = True
        self.state["saved"] = shown_mark(self.owner, facts)

    def left_open(self) -> dict[str, str]:
        """What is stored of it beside the headers of the answer."""
        return {SAVED: self.state["saved"]} if "saved" in self.state else {}

    def require(self, *facts: Any) -> None:
        """Go on only if `holds`.

        Raises:
            PageChanged; AlreadySent.
        """
        if not self.holds(*facts) and self.refusal is not None:
            raise self.refusal


async def _effect(request: Request, browser: BrowserSessionWeb, tx: Tx, typed: WholeForm) -> AsyncIterator[EffectForm]:
    form = _form(request, browser, typed)
    key = form.get(KEY_FIELD)
    if not KEY.fullmatch(key) or not form.get(SHOWN_FIELD):
        form.refuse(FormIncomplete())
    if _back(form).refusal is not None:
        yield form
        return
    owner = _key_owner(form)
    digest = await _digest(request, form)
    # The same from another tab at the same moment: one waits for the other, whose outcome it then finds.
    await wait_for_duplicate(tx, f"{owner} {digest.hex()}")
    first = await claim_key(tx, owner, key, digest)
    if first is not None and not await _goes_on(tx, form, first, digest):
        yield form
        return
    try:
        yield form
    except Exception as error:
        async with separate_tx() as session:  # of an effect that had committed in the middle
            await release_key(session, owner, key)
        await _require_new(request, form, error, digest)
        raise
    await _require_new(request, form, form.refusal or form.failure, digest)
    answer: Response | None = request.scope["state"].get("answer")
    is_done = not form.errors and form.refusal is None and answer is not None and answer.status_code in {200, 303}
    if answer is None or not (is_done or form.has_acted):
        await _release(tx, form, first, digest)  # it had no effect: the form may be sent again
        return
    if not form.is_compared:
        raise RuntimeError(f"{typed.path} acts without comparing what its page showed")
    headers = {name: value for name, value in answer.headers.items() if name in {"location", "content-type"}}
    headers |= form.left_open() if not is_done else {OUTCOME: form.outcome} if form.outcome else {}
    # A page may show personal data: it is stored encrypted.
    body = encrypt(PURPOSE, bytes(answer.body).decode()) if answer.body else b""
    page = str(form.state.get("page", ""))
    await delete_form(tx, form.owner, page)
    await delete_responses(tx, form.owner, page)
    await set_response(tx, owner, key, answer.status_code, headers, body)


async def _require_new(request: Request, form: EffectForm, refusal: Exception | None, digest: bytes) -> None:
    """Refuse a form as changed only if the same person didn't send the same before, from another tab that showed the
    same: that one did it, and its outcome is shown.

    Raises:
        AlreadyAnswered: it was done before.
    """
    if not isinstance(refusal, PageChanged | NotFound | Conflict | Gone | Stale) or isinstance(refusal, AlreadySent):
        return
    if form.owner == owner_of(None):  # anyone's: not known to be the same person
        return
    async with separate_tx() as session:
        same = await find_same(session, f"form {owner_tag(form.owner)}", digest)
    outcome = _headers_of(same).get(OUTCOME) if same is not None else None
    if outcome == ITSELF:
        raise AlreadyAnswered(_answer_of(same))
    if outcome:
        page = signed(form.owner, already_at(assisted_path(request.scope, outcome)))
        raise AlreadyAnswered(RedirectResponse(str(request.scope["state"].get("prefix", "")) + page, REDIRECT))


async def _goes_on(tx: AsyncSession, form: EffectForm, first: Any, digest: bytes) -> bool:
    """Whether a form is sent though its key was answered: its first POST did a part only, and it was corrected since.
    Otherwise it is refused.

    Raises:
        Repeated: it is the same again.
    """
    form.saved = _headers_of(first).get(SAVED, "")
    before = bytes(first.fingerprint)
    if before == digest:
        form.refuse(_repeat(first))
    elif not form.saved or not await reclaim_key(tx, _key_owner(form), form.get(KEY_FIELD), before, digest):
        form.refuse(AlreadySent())
    return form.refusal is None


async def _release(tx: AsyncSession, form: EffectForm, first: Any, digest: bytes) -> None:
    """Release the key of a form that had no effect: to the POST that did a part before, where there was one."""
    owner, key = _key_owner(form), form.get(KEY_FIELD)
    if first is None:
        await release_key(tx, owner, key)
    else:
        await reclaim_key(tx, owner, key, digest, bytes(first.fingerprint))


def _key_owner(form: SubmittedForm) -> str:
    """Whose key it is, by what the page says: also after the first POST has ended the session."""
    tag = form.get(FOR_FIELD)
    return f"form {tag}" if read_tag(tag) is not None else "form anyone"


async def answered_before(request: Request, session: AsyncSession) -> Response | None:
    """Where the form of this request led when it was sent first, for who is signed in no more: a redirect, no page."""
    sent = await readable_form(request)
    if sent is None:
        return None
    lists = {name: [one for one in sent.getlist(name) if isinstance(one, str)] for name in sent}
    form = SubmittedForm({name: values[0] for name, values in lists.items() if values}, request.url.path, lists=lists)
    key = form.get(KEY_FIELD)
    if read_tag(form.get(FOR_FIELD)) is None or not KEY.fullmatch(key):
        return None
    await wait_for_duplicate(session, key)
    first = await find_response(session, _key_owner(form), key)
    if first is None or first.status != REDIRECT or bytes(first.fingerprint) != await _digest(request, form):
        return None
    return _answer_of(first)


async def _look(request: Request, browser: BrowserSessionWeb, typed: WholeForm) -> EffectForm:
    return _back(_form(request, browser, typed))


def _form(request: Request, browser: BrowserSession, typed: SubmittedForm) -> EffectForm:
    owner, state = owner_of(browser), request.scope["state"]
    state[SENDER] = owner
    if owner != owner_of(None):
        state[READER] = (owner, browser.is_sure, str(state.get("page", "")))
    filled = {name for name, values in typed.lists.items() if any(map(str.strip, values))}
    state[TYPED] = filled - OWN_FIELDS
    return EffectForm(typed.values, typed.path, typed.errors, typed.lists, owner, state)


def _back(form: EffectForm) -> EffectForm:
    if form.state.get("is_restored"):
        form.refuse(FormRestored())
    elif form.get(AGAIN_FIELD):
        form.refuse(FormRedisplayed())
    elif wrong := too_long(form):
        form.refuse(TextTooLong(fields=wrong, most=f"{MAX_LENGTH:,}"))
    return form


Look = Annotated[EffectForm, Depends(_look)]
"""A form that shows something for what was typed, such as a preview: it has no effect."""
Effect = Annotated[EffectForm, Depends(_effect, scope="function")]


async def _digest(request: Request, form: SubmittedForm) -> bytes:
    """What makes two POSTs the same: every field and file, and what the page showed, but not the session's token."""
    compared = form.lists.keys() - OWN_FIELDS | {SHOWN_FIELD}
    sent = [(name, values) for name, values in sorted(form.lists.items()) if name in compared]
    for name, value in (await page_form(request)).multi_items():
        if isinstance(value, UploadFile):
            content = hashlib.sha256()
            while part := await value.read(1 << 20):
                content.update(part)
            await value.seek(0)
            sent.append((name, [value.filename or "", content.hexdigest()]))
    return fingerprint("POST", form.path, json.dumps(sent, ensure_ascii=False).encode())


def _repeat(first: Any) -> Problem:
    """Why the form can't have the answer it had before.

    Raises:
        Repeated: it can.
    """
    try:
        answer = _answer_of(first)
    except ValueError:
        return StoredResponseUnreadable()
    raise AlreadyAnswered(answer)


def _answer_of(first: Any) -> Response:
    """The answer stored for a form.

    Raises:
        ValueError: its page can't be decrypted any more.
    """
    body = decrypt(PURPOSE, bytes(first.body)) if first.body else ""
    headers = {name: value for name, value in _headers_of(first).items() if name not in {SAVED, OUTCOME}}
    return Response(body, first.status, headers=headers)


def _headers_of(first: Any) -> dict[str, str]:
    found: dict[str, str] = first.headers if isinstance(first.headers, dict) else json.loads(first.headers)
    return found
