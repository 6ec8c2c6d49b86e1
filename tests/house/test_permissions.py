"""Who may do what is said once: in the table of permissions."""

import re
from pathlib import Path

from app.identity.permissions import PERMISSIONS, Action
from app.kernel.actor import Role
from tests.house.source import APP, ROOT, content, files, name_of

TABLE = ROOT / "app" / "identity" / "permissions.py"
NAMES_OF_ROLES = {
    TABLE,
    ROOT / "app" / "kernel" / "actor.py",
    ROOT / "app" / "web" / "labels.py",
    # The last administrator can't be demoted: that is about accounts, not about what the caller may do.
    ROOT / "app" / "identity" / "service" / "staff_accounts.py",
}


def sources() -> list[Path]:
    return [path for path in files(APP) if "demo" not in path.relative_to(APP).parts]


def test_every_action_has_its_row_and_is_asked_for() -> None:
    assert set(PERMISSIONS) == set(Action)
    asked = {name for path in sources() if path != TABLE for name in re.findall(r"\bAction\.([A-Z_]+)", content(path))}
    assert {action.name for action in Action} <= asked


def test_only_the_table_compares_roles() -> None:
    found = [
        f"{name_of(path)}:{number}"
        for path in sources()
        if path not in NAMES_OF_ROLES
        for number, line in enumerate(content(path).splitlines(), 1)
        if re.search(r"\bRole\.(" + "|".join(role.name for role in Role) + r")\b", line)
    ]
    assert found == []
