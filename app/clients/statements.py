"""The statements of clients and personal tokens."""

from app.kernel.statements import StatementFiles

STATEMENTS = StatementFiles("app.clients")
CLIENT_BY_TOKEN = STATEMENTS.load("client_by_token")
STAFF_BY_TOKEN = STATEMENTS.load("staff_by_token")
USABLE_CREDENTIALS = STATEMENTS.load("usable_credentials")
USE_ASSERTION = STATEMENTS.load("use_assertion")
ADD_TOKEN = STATEMENTS.load("add_token")
