"""What of the pages an installation chooses."""

from pydantic import Field

from app.kernel.settings import Settings, section


class PageSettings(Settings):
    """The pages."""

    service_worker: bool = Field(
        True,
        description="Whether citizens' browsers run the portal's worker, which stores passes and shows them without a "
        "network. False: each browser deletes what it stored, and the worker, when it opens a page.",
    )


def page_settings() -> PageSettings:
    """The settings of the pages in this process."""
    return section(PageSettings)
