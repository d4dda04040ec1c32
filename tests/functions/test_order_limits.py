"""How often a caller may order what costs money: every function that sells something, by HTTP."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from showreel.core import settings as core_settings
from showreel.core.aws import client
from showreel.edge import limits
from showreel.films.projects.schemas import NewProject
from showreel.films.projects.service import create
from showreel.graphs import service as graphs
from showreel.graphs.schemas import GraphBody
from showreel.identity import Caller, service
from showreel.identity.models import CreateWorkspace
from showreel.storyboards import service as storyboards
from showreel.storyboards.schemas import NewStoryboard, SceneFields, ShotFields
from tests.support import document

from .calling import SETTINGS, configured
from .conftest import EXAMPLE, REPOSITORY, Invoke, event_of, header

PER_MINUTE, AT_ONCE = 12, 2
Order = Callable[[str, str], dict[str, Any]]
REFUSED = {402, 409}
"""No credits, no clips."""
BASE = "https://api.example.com/prod"
SELLING = (
    "edge.idempotency",
    "edge.prefer",
    "edge.streaming.opening",
    "orders.lifecycle",
    "singles.text.endpoints",
)
"""What functions import whose orders have keys, windows or streams: those that cost money."""


def sells(text: str) -> bool:
    return "@app.post" in text and any(f"from showreel.{name} " in text for name in SELLING)


FUNCTIONS = sorted(
    path.parent.name
    for path in (REPOSITORY / "functions").glob("*/app.py")
    if sells(path.read_text())
)


@pytest.fixture(autouse=True)
def product(cloud: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    limited = {"ORDERS_PER_MINUTE": str(PER_MINUTE), "ORDERS_AT_ONCE": str(AT_ONCE)}
    with configured(monkeypatch, SETTINGS | limited):
        yield


@pytest.fixture
def passing(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Time that passes only here."""
    at = [time.time()]
    monkeypatch.setattr("time.time", lambda: at[0])

    def wait(seconds: float) -> None:
        at[0] += seconds

    return wait


@pytest.fixture
def order(invoke: Invoke) -> Order:
    """Orders the documented example, in a workspace of the user's with nothing to spend."""
    owned: dict[str, dict[str, str]] = {}

    def made(function: str, user: str) -> dict[str, Any]:
        if user not in owned:
            owned[user] = belongings(user)
        event = event_of(function)
        for name, id_ in owned[user].items():
            event |= {part: event[part].replace(EXAMPLE[name], id_) for part in ("body", "path")}
        # of director-cut, whose example is no order
        body = event["body"].replace('"sync"', '"create"')
        return invoke(function, user=user, body=body, path=event["path"])

    return made


def belongings(user: str) -> dict[str, str]:
    """A workspace of the user's and what there is to order for, by the names in examples."""
    caller = Caller(user)
    workspace_id = service.create_workspace(caller, CreateWorkspace(name="Own")).id
    film = NewProject.model_validate({"name": "Home", "workspaceId": workspace_id})
    story = NewStoryboard.model_validate({"title": "Home", "workspaceId": workspace_id})
    ids = {
        "workspace_id": workspace_id,
        "project_id": create(caller, film, BASE).id,
        "storyboard_id": storyboards.create_project(caller, story, BASE).id,
    }
    scene = storyboards.create_scene(caller, ids["storyboard_id"], SceneFields())
    shot = ShotFields.model_validate({"visual_prompt": "A door"})
    ids["shot_id"] = storyboards.create_shot(caller, scene.id, shot, BASE).id
    node = {"id": "still", "kind": "Image", "params": {"prompt": "A door"}}
    graph = GraphBody.model_validate({"revision": 0, "nodes": [node], "edges": []})
    graphs.put_graph(caller, ids["storyboard_id"], graph, BASE)
    return ids | {"graph_storyboard_id": ids["storyboard_id"]}


@pytest.mark.parametrize("function", FUNCTIONS)
def test_every_function_that_sells_is_limited_by_caller(
    function: str, order: Order, passing: Callable[[float], None]
) -> None:
    for _ in range(AT_ONCE):
        assert order(function, "eager")["statusCode"] in REFUSED
    refused = order(function, "eager")
    assert (refused["statusCode"], refused["json"]["code"]) == (429, "rate_limited")
    assert header(refused, "retry-after") == "5"
    assert refused["json"]["success"] is False
    assert order(function, "other")["statusCode"] in REFUSED
    passing(4.9)
    assert order(function, "eager")["statusCode"] == 429
    passing(0.2)
    assert order(function, "eager")["statusCode"] in REFUSED
    assert order(function, "eager")["statusCode"] == 429


def test_all_of_them_are_known() -> None:
    assert {"trigger_video", "gmi_execute", "fal_stream", "groq_chat"} < set(FUNCTIONS)
    assert len(FUNCTIONS) >= 10


def test_looks_and_polls_are_no_orders(invoke: Invoke, passing: Callable[[float], None]) -> None:
    service.create_workspace(Caller("user-1"), CreateWorkspace(name="Own"))
    for _ in range(AT_ONCE + 2):
        poll = {"action": "poll", "requestId": "missing", "modelId": "gmi/kling-v3-omni"}
        assert invoke("gmi_execute", body=poll)["statusCode"] == 404
        query = {"job_id": "missing"}
        function = "generate_interior_video_v2"
        assert invoke(function, method="GET", query=query)["statusCode"] == 404
        assert invoke("credits")["statusCode"] == 200
    assert not rows()


def test_a_bucket_is_one_row_and_is_forgotten(passing: Callable[[float], None]) -> None:
    begun = time.time()
    for _ in range(50):
        limits.take_order("steady")
        passing(5)
    [row] = rows()
    assert row["id"]["S"] == "orders#steady"
    assert int(row["expiration"]["N"]) >= begun + 50 * 5


def test_an_order_costs_one_write_two_in_a_burst_and_one_when_refused(
    passing: Callable[[float], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = [0]
    real = limits._change

    def counted(*args: Any, **values: Any) -> Any:
        asked[0] += 1
        return real(*args, **values)

    monkeypatch.setattr(limits, "_change", counted)

    def writes() -> int:
        asked[0] = 0
        try:
            limits.take_order("u")
        except limits.RateLimited:
            return -asked[0]
        return asked[0]

    assert [writes() for _ in range(4)] == [1, 2, -1, -1]


@pytest.mark.parametrize("code", ["ThrottlingException", "InternalServerError"])
def test_without_the_table_nobody_is_limited(code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def throttled(**_: Any) -> None:
        raise ClientError({"Error": {"Code": code, "Message": ""}}, "UpdateItem")

    monkeypatch.setattr(client("dynamodb"), "update_item", throttled)
    for _ in range(9):
        limits.take_order("u")


def test_no_limit_is_no_write(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORDERS_PER_MINUTE", "0")
    core_settings.settings.cache_clear()
    for _ in range(9):
        limits.take_order("u")
    assert not rows()


def rows() -> list[dict[str, Any]]:
    found = boto3.client("dynamodb").scan(TableName="idempotency")["Items"]
    return [row for row in found if row["id"]["S"].startswith("orders#")]


def test_the_document_describes_too_many_requests_for_every_route() -> None:
    told = document.DOCUMENT["components"]["responses"]["TooManyRequests"]
    assert "Retry-After" in told["headers"]
    for operation in document.OPERATIONS:
        assert operation.answer(429) == told
