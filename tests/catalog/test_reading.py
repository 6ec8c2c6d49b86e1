"""A mistake in a service file is said with its file and line: one changed copy of a real service for each."""

from pathlib import Path

import pytest

from app.catalog.loader import load_folder
from app.catalog.yaml_files import read_yaml
from tests.catalog.factories import Copy, replace
from tests.catalog.issues import ELSEWHERE, ONE_ISSUE


@pytest.mark.parametrize("name", ONE_ISSUE)
def test_an_issue_names_its_file_and_line(tmp_path: Path, name: str) -> None:
    service, old, new, said = ONE_ISSUE[name]
    copy = Copy(tmp_path / "copy", service)
    assert list(load_folder(copy.folder)) == [service]
    line = replace(copy.service(service), old, new)
    if name in ELSEWHERE:
        line = line_with(copy.service(service), ELSEWHERE[name])
    found = [str(one) for one in copy.issues()]
    assert [one for one in found if one.startswith(f"{service}.yaml:{line}: {said}")], found


def line_with(path: Path, text: str) -> int:
    lines = path.read_text(encoding="utf-8").splitlines()
    return next(number for number, line in enumerate(lines, 1) if text in line)


def test_a_file_that_is_not_utf_8_is_said_with_the_line(tmp_path: Path) -> None:
    copy = Copy(tmp_path / "copy", "weeks")
    path = copy.service("weeks")
    path.write_bytes(path.read_bytes().replace("Cuántas".encode(), "Cuántas".encode("latin-1")))
    assert [str(one) for one in copy.issues()] == ["weeks.yaml:4: the file isn't UTF-8"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "1: the file is empty"),
        ("# only a remark\n", "1: the file is empty"),
        ("- id: weeks\n", "1: the file must be a mapping"),
        ("weeks", "1: the file must be a mapping"),
        ("id: weeks\n---\nid: weeks\n", "2: but found another document"),
        ("id: !!python/name:os.system x\n", "1: could not determine a constructor"),
        ("1: one\n", "1: id: Field required"),
    ],
)
def test_a_file_that_is_no_service_is_said(tmp_path: Path, text: str, said: str) -> None:
    copy = Copy(tmp_path / "copy", "weeks")
    copy.service("weeks").write_text(text)
    assert str(copy.issues()[0]).startswith(f"weeks.yaml:{said}")


def test_a_folder_without_services_is_an_issue(tmp_path: Path) -> None:
    assert [str(one) for one in Copy(tmp_path / "copy").issues()] == ["services:1: the folder has no file NAME.yaml"]


def test_issues_of_several_files_come_together(tmp_path: Path) -> None:
    copy = Copy(tmp_path / "copy", "weeks", "complaint", "pension", "not-insured")
    first = replace(copy.service("weeks"), "kind: instant", "kind: slow")
    second = replace(copy.service("weeks"), "baseline: certificate", "baseline: 5")
    third = replace(copy.service("complaint"), "code: action-taken", "code: answered")
    fourth = replace(copy.service("pension"), "[grant_pension]", "[grant_wish]")
    copy.workflow("spare").write_text("id: spare\n")
    assert [str(one).rsplit(": ", 1)[0] for one in copy.issues()] == [
        *("spare.yaml:1: initial", "spare.yaml:1: states", "spare.yaml:1: transitions"),
        f"complaint.yaml:{third}: decision.reasons.1.code",
        f"pension.yaml:{fourth}: result.effects.0",
        f"weeks.yaml:{first}: kind",
        f"weeks.yaml:{second}: baseline",
    ]


def test_a_faulty_shared_workflow_is_said_once_with_its_own_file(tmp_path: Path) -> None:
    copy = Copy(tmp_path / "copy", "complaint", "nursery")
    path = copy.workflow("reviewed")
    replace(path, "  waiting: {kind: waiting}\n", "  waiting: {kind: waiting}\n  limbo: {kind: waiting}\n")
    replace(path, "{action: ask, from: [review], to: waiting,", "{action: ask, from: [review], to: limbo,")
    line = line_with(path, "states:")
    assert [str(one) for one in copy.issues()] == [
        f"reviewed.yaml:{line}: states: state 'lapsed' can't be reached",
        f"reviewed.yaml:{line}: states: state 'waiting' can't be reached",
        f"reviewed.yaml:{line}: states: state 'limbo' is a dead end",
        f"reviewed.yaml:{line}: states: state 'limbo' waits for the citizen for ever: it needs a transition to lapse",
    ]


def test_a_workflow_that_can_not_be_read_does_not_make_its_services_wrong(tmp_path: Path) -> None:
    copy = Copy(tmp_path / "copy", "complaint", "nursery")
    copy.workflow("reviewed").write_text("id: reviewed\nstates: [\n")
    assert [one.file for one in copy.issues()] == ["reviewed.yaml"]


def test_a_workflow_is_called_as_its_file(tmp_path: Path) -> None:
    copy = Copy(tmp_path / "copy", "weeks")
    replace(copy.workflow("instant"), "id: instant", "id: sudden")
    assert [str(one) for one in copy.issues()] == ["instant.yaml:2: id: the file is called instant.yaml"]


def test_a_service_may_bring_its_own_workflow_and_its_faults_are_said_in_its_file(tmp_path: Path) -> None:
    copy = Copy(tmp_path / "copy", "weeks")
    own = copy.workflow("instant").read_text(encoding="utf-8").replace("\n", "\n  ").strip()
    line = replace(copy.service("weeks"), "workflow: instant\n", f"workflow:\n  {own}\n")
    assert load_folder(copy.folder)["weeks"].workflow.id == "instant"
    replace(
        copy.service("weeks"), "    draft: {kind: draft}\n", "    draft: {kind: draft}\n    limbo: {kind: checking}\n"
    )
    assert [str(one) for one in copy.issues()] == [f"weeks.yaml:{line}: workflow: state 'limbo' can't be reached"]


def test_a_date_stays_a_text(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("day: 2026-11-25\n")
    assert read_yaml(path).data == {"day": "2026-11-25"}
