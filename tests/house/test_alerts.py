"""Alert rules and the dashboard name metrics, labels and values that there are."""

import json
import re
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from app.commands.run import import_jobs
from app.kernel import clock_monitor
from app.kernel.jobs import LANES

SHIPPED = Path(__file__).parents[2] / "docs" / "operations"
NAME = re.compile(r"ventanilla_[a-z_]+")
SELECTOR = re.compile(r"(ventanilla_[a-z_]+)\{([^}]*)\}")
BY = re.compile(r"by \(([^)]*)\)")
OF_A_SERIES = re.compile(r"_(bucket|sum|count)$")


def alerts() -> list[dict[str, Any]]:
    (group,) = yaml.safe_load((SHIPPED / "alerts.yml").read_text(encoding="utf-8"))["groups"]
    rules: list[dict[str, Any]] = group["rules"]
    return rules


def questions() -> list[str]:
    dashboard = json.loads((SHIPPED / "dashboard.json").read_text(encoding="utf-8"))
    asked = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
    return [*asked, *(rule["expr"] for rule in alerts())]


@pytest.fixture
async def served(client: httpx.AsyncClient) -> str:
    """What /metrics says, after a job, a heartbeat and a look at the clock."""
    import_jobs()
    await clock_monitor.observe()
    answer = await client.get("/metrics")
    assert answer.status_code == 200
    return answer.text


async def test_every_metric_they_name_is_served(served: str) -> None:
    there = set(re.findall(r"^# TYPE (\S+)", served, re.MULTILINE))
    named = {OF_A_SERIES.sub("", name) for question in questions() for name in NAME.findall(question)}
    assert named - there == set()
    ours = {name for name in there if name.startswith("ventanilla_") and not name.endswith("_created")}
    assert ours - named == set(), "shown by no panel and no alert"


async def test_lanes_they_select_are_there(served: str) -> None:
    for question in questions():
        for _name, selected in SELECTOR.findall(question):
            for lane in re.findall(r'lane=~?"([^"]*)"', selected):
                assert any(re.fullmatch(lane, name) for name in LANES), lane
    for lane in LANES:
        assert f'ventanilla_jobs_oldest_seconds{{lane="{lane}"}}' in served


def test_alerts_say_what_is_wrong_and_how_urgent_it_is() -> None:
    names = [rule["alert"] for rule in alerts()]
    assert len(names) == len(set(names))
    for rule in alerts():
        assert rule["labels"]["severity"] in {"page", "ticket"}, rule["alert"]
        assert rule["annotations"]["summary"].endswith("."), rule["alert"]
        in_words = set(re.findall(r"\$labels\.(\w+)", rule["annotations"]["summary"]))
        assert in_words <= {label for by in BY.findall(rule["expr"]) for label in by.replace(" ", "").split(",")}
