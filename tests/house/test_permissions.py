"""Who may do what is said once: in the table of permissions."""

import re
from pathlib import Path

from app.identity.permissions import PERMISSIONS, Action
from app.kernel.actor import Role

ROOT = Path(__file__).parents[2]
TABLE = ROOT / "app" / "identity" / "permissions.py"
NAMES_OF_ROLES = {
    TABLE,
    ROOT / "app" / "kernel" / "actor.py",
    ROOT / "app" / "web" / "labels.py",
    # The last administrator can't be demoted: that is about accounts, not about what the caller may do.
    ROOT / "app" / "identity" / "service" / "staff_accounts.py",
}


def sources() -> list[Path]:
    return [path for path in (ROOT / "app").rglob("*.py") if "demo" not in path.parts]


def test_every_action_has_its_row_and_is_asked_for() -> None:
    assert set(PERMISSIONS) == set(Action)
    asked = {
        name
        for path in sources()
        if path != TABLE
        for name in re.findall(r"\bAction\.([A-Z_]+)", path.read_text(encoding="utf-8"))
    }
    assert {action.name for action in Action} <= asked


def test_only_the_table_compares_roles() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in sources()
        if path not in NAMES_OF_ROLES
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if re.search(r"\bRole\.(" + "|".join(role.name for role in Role) + r")\b", line)
    ]
    assert found == []
