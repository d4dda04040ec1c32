"""Example events filled and compared, functions lent, answers judged; no container is needed."""

import json
from dataclasses import fields
from typing import Any

import pytest

from local.lambdas.invocation import Outcome
from local.sam_local.answers import Answer
from local.sam_local.placeholders import EVENTS, Mismatch, example, fill, names, read
from local.sam_local.scenes import STEPS
from local.sam_local.world import Values
from local.stack import FunctionFailed, Stack

EXAMPLES = sorted(path.stem for path in EVENTS.glob("*.json"))
NODE = {"a": "${x}", "b": ["run/${y}/z"], "c": 1, "path": "/api/{y}"}


def test_a_placeholder_alone_keeps_its_values_type_and_one_in_a_text_becomes_text() -> None:
    filled = fill(NODE, {"x": 7, "y": 8})
    assert filled == {"a": 7, "b": ["run/8/z"], "c": 1, "path": "/api/{y}"}
    assert read(NODE, filled) == {"x": 7, "y": "8"}


@pytest.mark.parametrize(
    "real",
    [
        {"a": 1, "b": ["run/2/z"], "c": 2, "path": "/api/{y}"},
        {"a": 1, "b": ["walk/2/z"], "c": 1, "path": "/api/{y}"},
        {"a": 1, "b": [], "c": 1, "path": "/api/{y}"},
        {"a": 1, "b": ["run/2/z"], "c": 1, "path": "/api/{y}", "more": 1},
    ],
)
def test_a_real_event_unlike_its_example_is_reported(real: Any) -> None:
    with pytest.raises(Mismatch, match="event"):
        read(NODE, real)


def test_a_placeholder_stands_for_one_value() -> None:
    with pytest.raises(Mismatch, match="two values"):
        read(["${x}", "${x}"], [1, 2])


@pytest.mark.parametrize("folder", [name for name in EXAMPLES if name not in STEPS])
def test_an_api_example_has_only_placeholders_that_can_be_filled(folder: str) -> None:
    assert names(example(folder)) <= {field.name for field in fields(Values)}


def test_every_step_has_a_scene_that_leads_to_it() -> None:
    with_api_events = {name for name in EXAMPLES if "httpMethod" in example(name)}
    assert set(EXAMPLES) - with_api_events == STEPS - {"webhooks"}


@pytest.mark.parametrize(
    ("value", "fails"),
    [
        (None, False),
        ({"route": "settle"}, False),
        ({"statusCode": 302}, False),
        ({"statusCode": 404, "body": "{}"}, True),
        ({"errorType": "MediaError", "errorMessage": "x"}, True),
        ({"statusCode": 200, "body": 'event: status\ndata: {"error": null}\n'}, False),
        ({"statusCode": 200, "body": 'data: {"type": "error"}\n\n'}, True),
        ({"statusCode": 200, "body": 'data: {"error": {"code": "x"}}\n'}, True),
    ],
)
def test_an_error_a_4xx_and_a_stream_with_an_error_event_are_failures(
    value: Any, *, fails: bool
) -> None:
    assert bool(Answer(value, 1.0).error) is fails


def test_a_lent_function_is_answered_by_its_borrower_until_it_is_taken_back(small: Stack) -> None:
    pool = small.functions.pool("echo")
    try:
        pool.borrower = lambda payload: Outcome(payload) if b"take" in payload else None
        assert small.invoke("echo", {"take": 1}) == {"take": 1}
        assert small.invoke("echo", {"leave": 1})["event"] == {"leave": 1}
        pool.borrower = lambda _: Outcome(json.dumps({"errorType": "X"}).encode(), "Unhandled")
        with pytest.raises(FunctionFailed):
            small.invoke("echo", {})
    finally:
        pool.borrower = None
