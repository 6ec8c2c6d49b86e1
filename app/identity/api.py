"""Sign-in for programs: one-time codes, tokens, staff."""

from fastapi import APIRouter, Response

from app.identity.dependencies import AnonymousApi, LowPersonApi
from app.identity.problems import AccountFrozen, AuthenticatorUnreadable, TokenExpired, WrongCode, WrongCredentials
from app.identity.schemas import RefreshIn, StaffSignInIn, TokensIn, TokensOut
from app.identity.service import codes, refresh
from app.identity.service.staff import sign_in_staff
from app.kernel.http.openapi import problem_responses
from app.kernel.http.parameters import Tx

router = APIRouter(prefix="/api/v1", tags=["sign-in"])


@router.post(
    "/sign-in/tokens",
    operation_id="create_tokens",
    summary="Prove the code and get tokens",
    responses=problem_responses(WrongCode, AccountFrozen),
)
async def create_tokens(actor: AnonymousApi, tx: Tx, body: TokensIn) -> TokensOut:
    """The code of the challenge, or one given at the desk to the same CURP. `assurance` says what the tokens may do."""
    proved = await codes.verify_code(tx, actor, challenge_id=body.challenge_id, code=body.code)
    return tokens_out(await refresh.start_family(tx, person_id=proved.person_id, assurance=proved.assurance))


@router.post(
    "/sign-in/refresh",
    operation_id="refresh_tokens",
    summary="Trade a refresh token for a new pair",
    responses=problem_responses(TokenExpired),
)
async def refresh_tokens(actor: AnonymousApi, tx: Tx, body: RefreshIn) -> TokensOut:
    """Each refresh token works once; within ten seconds it gets the same pair again, since phones lose answers. A
    later reuse means that it was stolen: all tokens of that sign-in are revoked. Staff sign in again, with the
    second factor, after `VENTANILLA_STAFF_TOKEN_HOURS`; citizens after `VENTANILLA_REFRESH_FAMILY_DAYS`."""
    return tokens_out(await refresh.refresh(tx, actor, body.refresh_token))


@router.post(
    "/sign-out",
    operation_id="sign_out",
    status_code=204,
    summary="End this program's session",
    responses=problem_responses(TokenExpired),
)
async def signtokens_out(actor: LowPersonApi, tx: Tx) -> Response:
    """Revokes the refresh tokens of this sign-in. A staff access token is revoked immediately, a citizen's expires in
    minutes."""
    if actor.session_id is not None:
        await refresh.revoke_family(tx, actor.session_id)
    return Response(status_code=204)


@router.post(
    "/staff/sign-in",
    operation_id="staff_sign_in",
    summary="Sign in as staff",
    responses=problem_responses(WrongCredentials, AuthenticatorUnreadable),
)
async def staff_sign_in(actor: AnonymousApi, tx: Tx, body: StaffSignInIn) -> TokensOut:
    """User, password and the code of the authenticator app."""
    staff = await sign_in_staff(tx, actor, username=body.username, password=body.password, code=body.code)
    return tokens_out(await refresh.start_family(tx, staff_id=staff.staff_id))


def tokens_out(tokens: refresh.Tokens) -> TokensOut:
    """Tokens as programs read them."""
    return TokensOut(
        access_token=tokens.access_token,
        refresh_token=tokens.refresh_token,
        expires_in=tokens.expires_in,
        assurance=tokens.assurance,
    )
