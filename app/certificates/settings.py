"""Settings of certificates."""

from pathlib import Path

from pydantic import Field, SecretStr

from app.kernel.settings import section
from app.places.settings import AgencySettings


class SigningSettings(AgencySettings):
    """The key that signs certificates."""

    signing_key: Path | None = Field(
        None,
        description="PKCS#12 file whose key signs certificates. Required in production to issue them; otherwise a "
        "development key is made once in the data folder.",
    )
    signing_password: SecretStr | None = Field(None, description="Password of the PKCS#12 file.")

    @property
    def development_key(self) -> Path:
        """The key made for who has none, outside production."""
        return self.data_dir.resolve() / "signing-development.p12"


def signing_settings() -> SigningSettings:
    """The settings of certificates in this process."""
    return section(SigningSettings)
