"""The statements of this package."""

from app.kernel.statements import StatementFiles

STATEMENTS = StatementFiles("app.webhooks")
