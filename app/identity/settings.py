"""Settings of sign-in."""

from pydantic import Field

from app.kernel.settings import Settings, section


class IdentitySettings(Settings):
    """Lifetimes of codes, sessions and tokens, and the cost of password hashes."""

    access_token_minutes: int = Field(10, ge=1, le=60, description="Lifetime of an API access token.")
    refresh_token_days: int = Field(
        30, ge=1, le=365, description="A citizen's refresh token expires after this time unused."
    )
    refresh_family_days: int = Field(
        90,
        ge=1,
        le=730,
        description="A citizen's program must sign in again after this number of days, regardless of refreshes.",
    )
    staff_token_hours: int = Field(
        12, ge=1, le=24, description="Staff's programs must sign in again, with the second factor, after these hours."
    )
    session_idle_minutes: int = Field(20, ge=1, le=240, description="A web session ends after this time of inactivity.")
    session_hours: int = Field(12, ge=1, le=72, description="Maximum lifetime of a web session.")
    code_minutes: int = Field(15, ge=1, le=60, description="Lifetime of a one-time code.")
    argon2_memory_kib: int = Field(65_536, ge=8, description="Memory of the staff password hash, KiB (RFC 9106).")


def identity_settings() -> IdentitySettings:
    """The settings of sign-in in this process."""
    return section(IdentitySettings)
