"""Settings of clients."""

from pydantic import Field

from app.kernel.settings import Settings, section


class ClientSettings(Settings):
    """Lifetime of what clients get."""

    client_token_minutes: int = Field(10, ge=1, le=60, description="Lifetime of a client's access token.")


def client_settings() -> ClientSettings:
    """The settings of clients in this process."""
    return section(ClientSettings)
