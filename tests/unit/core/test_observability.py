"""Log lines say what they are about; metrics go out by stack and by their own dimensions."""

import json
from types import SimpleNamespace
from typing import Any

import pytest

from showreel.core.errors import AppError
from showreel.core.observability import about, begin, count, logger
from showreel.edge.api import api


@pytest.fixture(autouse=True)
def stack_name(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> str:
    """Another one for each test: loggers are kept by name, with the stream they were made with."""
    name = str(request.node.name)
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", name)
    logger.cache_clear()
    begin()
    return name


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_a_line_has_the_ids_of_what_is_being_worked_on(
    capsys: pytest.CaptureFixture[str], stack_name: str
) -> None:
    about(run_id="run_1", workspace_id="w", job_id="job_1")
    about(run_id="run_2", job_id=None)
    logger().warning("one")
    logger().warning("two", run_id="run_3")
    begin(request_id="r")
    logger().warning("three")
    one, two, three = lines(capsys)
    assert (one["run_id"], one["workspace_id"], one["service"]) == ("run_2", "w", stack_name)
    assert "job_id" not in one
    assert two["run_id"] == "run_3"
    assert three["request_id"] == "r"
    assert "run_id" not in three


def test_a_failed_request_is_found_by_the_id_in_its_answer(
    capsys: pytest.CaptureFixture[str],
) -> None:
    app = api()

    @app.get("/broken")
    def broken() -> None:
        raise AppError("broken")

    event = {
        "httpMethod": "GET",
        "path": "/broken",
        "headers": {},
        "requestContext": {"requestId": "abc", "stage": "dev", "domainName": "x", "path": "/"},
    }
    answer = app.resolve(event, SimpleNamespace())
    assert json.loads(answer["body"])["requestId"] == "abc"
    assert [line["request_id"] for line in lines(capsys)] == ["abc"]


def test_a_metric_is_there_by_stack_and_by_its_own_dimensions(
    capsys: pytest.CaptureFixture[str],
) -> None:
    count("ProviderQuota", provider="kling")
    datum = lines(capsys)[0]
    sets = datum["_aws"]["CloudWatchMetrics"][0]["Dimensions"]
    assert sorted(map(sorted, sets)) == [["provider", "service"], ["service"]]
    assert datum["ProviderQuota"] == [1.0]
