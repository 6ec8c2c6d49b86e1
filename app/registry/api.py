"""The citizen and their family; first-time enrolment; codes given at the desk."""

from fastapi import APIRouter, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from app.identity.api import tokens_out
from app.identity.dependencies import AnonymousApi, CitizenApi, LowCitizenApi, StaffApi
from app.identity.permissions import Action, require
from app.identity.problems import FirstTimeMismatch, PersonUnknown, ProofMissing, WrongCode, WrongRole
from app.identity.rules import Contact
from app.identity.schemas import ChallengeOut, TokensOut
from app.identity.service import codes, contacts, refresh
from app.identity.settings import identity_settings
from app.kernel import crypto
from app.kernel.actor import Assurance, Citizen
from app.kernel.http.openapi import problem_responses
from app.kernel.http.parameters import IdempotencyKey, PageQuery, Read, Tx
from app.kernel.http.responses import idempotent_model, idempotent_response, json_response, set_links
from app.kernel.i18n import N_
from app.kernel.paging import encode_cursor, id_after
from app.kernel.problems import FieldError, Invalid, KeyReused, NotFound, Unauthorized
from app.registry import queries
from app.registry.access_history import views_of_person
from app.registry.access_log import ViewContext, record_views
from app.registry.declared import register_at_desk
from app.registry.enrolment import enrol
from app.registry.names import NOT_OF_CURP, may_have_curp
from app.registry.problems import AlreadyWithdrawn
from app.registry.queries import FamilyMember
from app.registry.reminders import remind_number
from app.registry.schemas import (
    AccessOut,
    CodeIn,
    ContactChangeOut,
    ContactIn,
    ContactProofIn,
    DeskCodeIn,
    DeskCodeOut,
    EnrolIn,
    PersonOut,
    WithdrawalIn,
    WithdrawalOut,
)
from app.registry.service import record_withdrawal
from app.registry.sign_in import send_code
from app.registry.view_recording import RECORDS_VIEWS

router = APIRouter(prefix="/api/v1", dependencies=[RECORDS_VIEWS])

DESK_CODE_SECONDS = 24 * 3600
DESK_CODE = "desk-code"
"""What its encryption is for."""


@router.post(
    "/sign-in/codes", operation_id="request_code", status_code=202, tags=["sign-in"], summary="Ask for a one-time code"
)
async def request_code(actor: AnonymousApi, tx: Tx, body: CodeIn) -> ChallengeOut:
    """Sends a code to the contact that the account of that CURP or the registry has. The answer never says whether
    there is one. An account that was opened without a number is entered by `enrol`, with the same data."""
    curp = "".join(character for character in body.curp.upper() if character.isalnum())
    challenge = await send_code(tx, actor, identifier=curp, language=body.language)
    return ChallengeOut(challenge_id=challenge, expires_in=identity_settings().code_minutes * 60)


@router.post(
    "/enrolments",
    operation_id="enrol",
    status_code=202,
    tags=["sign-in"],
    summary="Sign in for the first time",
    responses=problem_responses(FirstTimeMismatch),
)
async def create_enrolment(actor: AnonymousApi, tx: Tx, body: EnrolIn) -> ChallengeOut:
    """Sends a code when CURP, number and postal code match one person. It goes to this contact only if neither the
    registry nor an account has one, and the account is then at the low level of assurance. Without a number, an account
    at the low level is opened by CURP and postal code, whether or not the registry knows the person: it shows nothing
    of the registry, and a desk or the registry's own contact raises it.
    """
    _require_one(body.email, body.phone)
    if body.nss is None and not may_have_curp(body.curp, body.given_names, body.first_surname):
        raise Invalid(fields=[FieldError("given_names", NOT_OF_CURP, "not_of_curp")])
    challenge = await enrol(
        tx,
        actor,
        curp=body.curp,
        nss=body.nss,
        postal_code=body.postal_code,
        contact=Contact(body.email, body.phone),
        language=body.language,
        names=body.names(),
    )
    return ChallengeOut(challenge_id=challenge, expires_in=identity_settings().code_minutes * 60)


@router.get(
    "/me", operation_id="me", tags=["people"], summary="Who I am", responses=problem_responses(Unauthorized, NotFound)
)
async def me(actor: LowCitizenApi, read: Read) -> PersonOut:
    """The citizen, with their unit, room and rights today. At the low level of assurance: where they are attended, and
    nothing else of the registry."""
    person = await queries.own_person(read, actor)
    return await _out(read, actor, FamilyMember(person, None))


@router.get(
    "/me/family",
    operation_id="my_family",
    tags=["people"],
    summary="Whom I may act for",
    responses=problem_responses(Unauthorized),
)
async def my_family(actor: CitizenApi, read: Read) -> list[PersonOut]:
    """The citizen first, then their dependants in force."""
    family = await queries.family_of(read, actor)
    record_views(actor, ViewContext.PERSON, {member.person.id: member.person.unit_id for member in family})
    return [await _out(read, actor, member) for member in family]


@router.post(
    "/staff/desk-codes",
    operation_id="issue_desk_code",
    tags=["staff"],
    status_code=201,
    summary="Give a code to a person at the desk",
    response_model=DeskCodeOut,
    responses=problem_responses(Unauthorized, WrongRole, NotFound, PersonUnknown, KeyReused),
)
async def create_desk_code(
    actor: StaffApi, tx: Tx, body: DeskCodeIn, key: IdempotencyKey, request: Request
) -> Response:
    """For people who proved who they are with a document: attended at a unit of the actor's, or at none. Of whom the
    registry doesn't have, the names on the document make a person of it."""
    require(actor, Action.ATTEND_PEOPLE)

    async def issue() -> DeskCodeOut:
        person = await register_at_desk(tx, actor, body.curp, body.names())
        record_views(actor, ViewContext.DESK_CODE, {person.id: person.unit_id})
        code = await codes.issue_desk_code(tx, actor, person_id=person.id, curp=person.curp)
        # Encrypted: responses are stored for a day, and a code is known by its digest only.
        return DeskCodeOut(code=crypto.encrypt(DESK_CODE, code).decode(), expires_in=DESK_CODE_SECONDS)

    answer = await idempotent_model(tx, actor, key, request, issue, 201)
    out = DeskCodeOut.model_validate_json(bytes(answer.body))
    out.code = crypto.decrypt(DESK_CODE, out.code.encode())
    headers = {name: value for name, value in answer.headers.items() if name != "content-length"}
    return Response(out.model_dump_json(), answer.status_code, headers=headers)


def _require_one(email: str | None, phone: str | None) -> None:
    if (email is None) == (phone is None):
        raise Invalid(fields=[FieldError("email", N_("Dé un correo o un teléfono, uno de los dos."), "one_of_both")])


@router.post(
    "/me/contact-changes",
    operation_id="start_contact_change",
    status_code=202,
    tags=["people"],
    summary="Begin to change my contact",
    response_model=ContactChangeOut,
    responses=problem_responses(Unauthorized, NotFound, KeyReused),
)
async def start_contact_change(
    actor: LowCitizenApi, caller: AnonymousApi, tx: Tx, body: ContactIn, key: IdempotencyKey, request: Request
) -> Response:
    """Sends a code to the new contact, and another to the one on file, where there is one. Nothing has changed yet."""
    _require_one(body.email, body.phone)
    contact = Contact(body.email, body.phone)

    async def start() -> ContactChangeOut:
        change = await contacts.start_change(tx, actor, caller, contact, body.language)
        return ContactChangeOut(
            new_challenge_id=change.new_id,
            confirm_challenge_id=change.confirm_id,
            expires_in=identity_settings().code_minutes * 60,
        )

    return await idempotent_model(tx, actor, key, request, start, 202)


@router.put(
    "/me/contact",
    operation_id="change_contact",
    tags=["people"],
    summary="Change my contact",
    responses=problem_responses(Unauthorized, NotFound, WrongCode, ProofMissing),
)
async def change_contact(actor: LowCitizenApi, tx: Tx, body: ContactProofIn) -> TokensOut:
    """With both codes right, the contact is the new one. Every browser and program is signed out: go on with the tokens
    given."""
    change = contacts.Change(body.new_challenge_id, body.confirm_challenge_id)
    level = await contacts.change_contact(
        tx, actor, change, new_code=body.new_code, proof=body.proof or "", signed_in_by=None
    )
    return tokens_out(await refresh.start_family(tx, person_id=actor.person_id, assurance=level))


@router.post(
    "/me/nss-reminders",
    operation_id="remind_nss",
    status_code=202,
    response_class=Response,
    tags=["people"],
    summary="Send my social-security number to the contact my clinic has",
    responses=problem_responses(Unauthorized, NotFound, KeyReused),
)
async def remind_nss(actor: LowCitizenApi, tx: Tx, key: IdempotencyKey, request: Request) -> Response:
    """For who isn't known well enough to be shown it. It goes to the registry's contact and nowhere else; the answer
    never says whether there is a number or a contact."""

    async def make() -> Response:
        await remind_number(tx, actor)
        return Response(status_code=202)

    return await idempotent_response(tx, actor, key, request, make)


@router.post(
    "/staff/withdrawals",
    operation_id="record_withdrawal",
    tags=["staff"],
    status_code=201,
    summary="Record a withdrawal that a pension fund paid",
    response_model=WithdrawalOut,
    responses=problem_responses(Unauthorized, WrongRole, NotFound, AlreadyWithdrawn, Invalid, KeyReused),
)
async def create_withdrawal(
    actor: StaffApi, tx: Tx, body: WithdrawalIn, key: IdempotencyKey, request: Request
) -> Response:
    """On the fund's notice of payment, of a person of a unit of the actor's. The weeks are taken off from then on, and
    another withdrawal has to wait (LSS arts. 191 II and 198). Many at once: `ventanilla import insured`."""
    require(actor, Action.RECORD_WITHDRAWALS)

    async def make() -> Response:
        person = await queries.person_by_curp(tx, body.curp)
        if person is None or person.unit_id is None or not actor.works_at(person.unit_id):
            raise NotFound
        if body.on_date > await queries.today_of(tx, person):
            raise Invalid(fields=[FieldError("on_date", N_("Ese día todavía no llega."), "not_yet")])
        await record_withdrawal(tx, actor, person.id, on_date=body.on_date, weeks=body.weeks)
        return json_response(WithdrawalOut(on_date=body.on_date, weeks=body.weeks), 201)

    return await idempotent_response(tx, actor, key, request, make)


@router.get(
    "/me/accesses",
    operation_id="my_accesses",
    tags=["people"],
    summary="Who saw my data",
    responses=problem_responses(Unauthorized),
)
async def my_accesses(
    actor: CitizenApi, read: Read, page: PageQuery, request: Request, response: Response
) -> list[AccessOut]:
    """Who saw the citizen's data, once for each reader and hour, latest first: their role and unit, not their name. Who
    acted for them is `GET /api/v1/me/assistances`."""
    rows = await views_of_person(read, actor.person_id, limit=page.limit + 1, after=id_after(page.after))
    shown = rows[: page.limit]
    set_links(response, request, encode_cursor(str(shown[-1].id)) if len(rows) > page.limit else None)
    return [AccessOut.model_validate(row) for row in shown]


async def _out(read: AsyncSession, actor: Citizen, member: FamilyMember) -> PersonOut:
    person = member.person
    if actor.assurance is not Assurance.FULL:
        return PersonOut(
            id=person.id, unit_id=person.unit_id, room=person.room, shift=person.shift, assurance=actor.assurance
        )
    rights = await queries.rights_of(read, person.id, await queries.today_of(read, person))
    return PersonOut(
        id=person.id,
        given_names=person.given_names,
        first_surname=person.first_surname,
        second_surname=person.second_surname,
        birth_on=person.birth_on,
        unit_id=person.unit_id,
        room=person.room,
        shift=person.shift,
        kinship=member.kinship,
        rights_in_force=rights.is_in_force,
        rights_until=rights.until,
        rights_reason=rights.reason,
        assurance=actor.assurance,
    )
