"""Settings of stored files."""

from pathlib import Path

from pydantic import Field

from app.kernel.settings import Settings, section


class StorageSettings(Settings):
    """Where files are stored, how large they may be, and what examines them."""

    max_upload_bytes: int = Field(
        10_485_760, ge=65_536, le=104_857_600, description="Largest document accepted, in bytes."
    )
    uploads_at_once: int = Field(
        64, ge=1, le=1024, description="Concurrent uploads per web process; they are buffered on its disk."
    )
    inspections_at_once: int = Field(
        6, ge=1, le=64, description="Uploaded files examined at a time in a web process, each in up to 1 GiB of memory."
    )
    storage_url: str | None = Field(
        None,
        description="Where documents and certificates are stored: `s3://bucket/prefix`. Empty: a folder in the data "
        "folder. Keys and endpoint of S3 come from the usual `AWS_...` variables.",
    )
    clamd_host: str | None = Field(
        None, description="Virus scanner (clamd). Empty: documents are marked as not scanned."
    )
    clamd_port: int = Field(3310, ge=1, le=65535, description="Port of the virus scanner.")

    @property
    def files_folder(self) -> Path:
        """Where files are without a `storage_url`."""
        return self.data_dir.resolve() / "files"


def storage_settings() -> StorageSettings:
    """The settings of files in this process."""
    return section(StorageSettings)
