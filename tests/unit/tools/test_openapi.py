"""The OpenAPI document: its examples, and that nothing of it is guessed."""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from showreel.edge.api import Response, json_response
from showreel.identity import current_caller
from tests.support.document import DOCUMENT, EVENTS, JSON, OPERATIONS, Operation, resolved, validate
from tools.openapi.document import Undescribed, answers
from tools.openapi.routes import Route

EXAMPLES: dict[str, Any] = json.loads(
    (Path(__file__).parents[3] / "tools" / "openapi" / "examples.json").read_text()
)


def contents(operation: Operation) -> Any:
    yield from operation.definition.get("requestBody", {}).get("content", {}).items()
    for answer in operation.definition["responses"].values():
        yield from resolved(answer).get("content", {}).items()


def test_every_example_is_of_its_schema() -> None:
    shown = 0
    for operation in OPERATIONS:
        for kind, content in contents(operation):
            for name, example in content.get("examples", {}).items():
                shown += 1
                validate(f"{operation} {name}", content["schema"], example["value"])
                if kind == EVENTS:
                    data = json.loads(example["value"]["data"])
                    events = content["schema"].get("anyOf", [content["schema"]])
                    [held] = [one for one in events if one.get("title") == name]
                    schema = held["properties"]["data"]["contentSchema"]
                    validate(f"{operation} {name}", schema, data)
    assert shown == sum(len(part) for parts in EXAMPLES.values() for part in parts.values())


@dataclass
class Made:
    value: dict[str, Any]


def made() -> Made:
    return Made({})


def plain() -> dict[str, Any]:
    return {}


def untyped() -> Response:
    """Answers with something."""
    return json_response(200, plain())


def undocumented() -> Response:
    """Answers with what another function makes."""
    return json_response(200, made().value)


@pytest.mark.parametrize("function", [untyped, undocumented])
def test_a_route_without_its_description_stops_the_generator(
    function: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tools.openapi.reading.OURS", ("showreel.", "tests.", "test_", __name__))
    route = Route("new", "GET", "/api/new", function, current_caller, (), {})
    with pytest.raises(Undescribed, match="GET /api/new"):
        answers(route)


@pytest.mark.parametrize(
    ("operation", "statuses"),
    [
        ("GET /api/projects/{project_id}", "200 400 401 403 404 429 500 502 503 504"),
        (
            "POST /functions/v1/generate-interior-video-v2",
            "200 202 400 401 402 403 404 409 413 415 422 429 500 502 503 504",
        ),
        ("DELETE /api/video-projects/{project_id}", "204 400 401 403 404 409 429 500 502 503 504"),
        ("GET /api/health", "200 429 500 502 503 504"),
    ],
)
def test_statuses_are_those_of_the_code(operation: str, statuses: str) -> None:
    method, path = operation.split()
    responses = DOCUMENT["paths"][path][method.lower()]["responses"]
    assert " ".join(responses) == statuses


def test_every_operation_is_described_for_people() -> None:
    for operation in OPERATIONS:
        definition = operation.definition
        assert re.fullmatch(r"[a-z_0-9]+", definition["operationId"])
        assert definition["summary"]
        assert definition["tags"]
        for status, answer in definition["responses"].items():
            content = resolved(answer).get("content", {})
            assert "schema" in content.get(JSON, {"schema": None}), (operation, status)
