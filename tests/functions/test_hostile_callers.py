"""Every route of the OpenAPI document, called by somebody who means harm.

The routes and their fields come from the document, so a new one is called too. Whatever is sent: no
5xx, one form of error, nothing of the inside and nothing of a token in an answer, and nothing
written. What all routes share is tried with everything on one of them, and with a little on the
others; `make fuzz` makes up values for every field, `test_tenancy` knows foreign ids.
"""

import functools
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import jwt
import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError, ConnectTimeoutError
from moto.core import DEFAULT_ACCOUNT_ID as ACCOUNT
from moto.dynamodb.models import dynamodb_backends
from moto.s3.models import s3_backends

from showreel.core.clock import now_seconds
from showreel.core.ids import derived_id
from showreel.identity import Caller, service
from showreel.identity.models import CreateWorkspace
from showreel.identity.run_tokens import issue_run_token
from tests.support.cloud import REGION

from .calling import product
from .conftest import (
    ENVIRONMENT,
    REPOSITORY,
    SECRET,
    SERVICE_TOKEN,
    Invoke,
    event_of,
    header,
    token,
)

__all__ = ["product"]
DOCUMENT = json.loads((REPOSITORY / "docs" / "api" / "openapi.json").read_text())
ROUTE = re.compile(r'@app\.(\w+)\(\s*"([^"]+)"')
PUBLIC = {"api_docs", "health", "storage", "webhooks", "wallet_auth"}
"""Functions that ask for no token. Everything else does."""
OF_A_RUN = {"realtime_run", "retrieve_run"}
"""Functions that take the token of a run and no user's."""
INSIDE = re.compile(
    r"dynamodb|botocore|boto3|moto|pydantic|traceback|arn:aws|amazonaws|\.py\b|/var/task|secretsm"
    r"|step ?functions|lambda|throttl|\btables?\b|vendor\.example|Exception|NoneType",
    re.IGNORECASE,
)
"""Words that only somebody inside uses."""
LONG = "x" * 3000
ODD_IDS = (
    "x" * 129,
    LONG,
    "..",
    "%00",
    "a%2Fb",
    "a b",
    "a#b",
    "\u00e9",
    "a%0d%0ab",
    "{}",
    "%",
    "$",
)
ODD_VALUES: tuple[Any, ...] = (
    *(None, True, -1, 0, 1e308, "", " ", "\0", "\u202e", LONG * 40, "-1", "NaN", [], {}),
    *([[]] * 50, [None], {"a": {"b": []}}, 2**70, "../../etc/passwd", "' OR 1=1 --", "${jndi:x}"),
)
ODD_BODIES = (
    *("", "null", "[]", '"x"', "7", "{", "\ufffd", '{"a":NaN}', '{"a":1e999}', '{"a":1,"a":2}'),
    *(
        '{"a":"\\ud800"}',
        "[" * 5000,
        '{"a":' * 60 + "1" + "}" * 60,
        '{"__proto__":{}}',
        "x" * 10**6,
    ),
)
OTHER_TYPES = (
    *("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"),
    *("application/jsonp", "application/xml", "image/png", "x", "application/json+x", ";"),
)
THOROUGH = {"/api/video-projects", "/functions/v1/gen-shots", "/api/runs/{run_id}"}
"""Where everything is tried: one route of each way to check callers and to answer."""
SAME_TYPES = ("application/json", "Application/JSON", "APPLICATION/JSON ; Charset=UTF-8", " ", "")


@dataclass(frozen=True)
class Route:
    """One method of one path of the document, and the function that answers it."""

    function: str
    method: str
    path: str
    operation: Mapping[str, Any]

    @property
    def names(self) -> list[str]:
        return re.findall(r"{(\w+)}", self.path)

    @property
    def has_body(self) -> bool:
        return "requestBody" in self.operation

    @property
    def fields(self) -> list[str]:
        """What the document says the body may hold."""
        text = json.dumps(self.operation.get("requestBody", {}))
        schemas = [
            DOCUMENT["components"]["schemas"][name]
            for name in re.findall(r"#/components/schemas/(\w+)", text)
        ]
        return [name for schema in schemas for name in schema.get("properties", {})]

    @property
    def queries(self) -> list[str]:
        parameters = self.operation.get("parameters", [])
        return [one["name"] for one in parameters if one.get("in") == "query"]

    def filled(self, ids: Mapping[str, str], default: str = "missing") -> str:
        return re.sub(r"{(\w+)}", lambda name: ids.get(name[1], default), self.path)


def answered() -> dict[tuple[str, str], str]:
    """The function of every route that the code has."""
    return {
        (method, path.replace("<", "{").replace(">", "}")): file.parent.name
        for file in (REPOSITORY / "functions").glob("*/app.py")
        for method, path in ROUTE.findall(file.read_text())
    }


FUNCTIONS = answered()
DOCUMENTED = {
    (method, path): operation
    for path, methods in DOCUMENT["paths"].items()
    for method, operation in methods.items()
}
ROUTES = [
    Route(FUNCTIONS[key], key[0].upper(), key[1], operation)
    for key, operation in DOCUMENTED.items()
    if key in FUNCTIONS
]
PRIVATE = [route for route in ROUTES if route.function not in PUBLIC]
Send = Callable[..., dict[str, Any]]


def every(routes: list[Route]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize(
        "route", routes, ids=lambda route: f"{route.method} {route.path}"
    )


@pytest.fixture
def send(invoke: Invoke) -> Send:
    """Sends a request and checks what holds for every answer; see `sound`."""

    def call(route: Route, *, ids: Mapping[str, str] | None = None, **rest: Any) -> dict[str, Any]:
        rest.setdefault("path", route.filled(ids or {}))
        rest.setdefault("body", {} if route.has_body else None)
        if route.function in OF_A_RUN and rest.get("user", "user-1") is not None:
            token = f"Bearer {issue_run_token('run_own')}"
            rest |= {"user": None, "headers": {"Authorization": token, **rest.get("headers", {})}}
        answer = invoke(route.function, method=route.method, **rest)
        sound(answer)
        return answer

    return call


def sound(answer: dict[str, Any]) -> None:
    """One form of error, and nothing in it that isn't the caller's business."""
    told = "" if isinstance(answer.get("body"), bytes) else answer.get("body")  # streamed files
    text = f"{told} {answer.get('headers')} {answer.get('multiValueHeaders')}"
    assert answer["statusCode"] < 500, text[:500]
    for secret in (SECRET, SERVICE_TOKEN, "Bearer ", token(), start_of_run_tokens()):
        assert secret not in text
    if answer["statusCode"] >= 400:
        envelope(answer)


@functools.cache
def start_of_run_tokens() -> str:
    return issue_run_token("run_1")[:30]


def envelope(answer: dict[str, Any]) -> dict[str, Any]:
    body = answer["json"]
    assert header(answer, "content-type") == "application/json"
    assert body["success"] is False
    for name in ("error", "code", "message", "requestId"):
        assert isinstance(body[name], str), name
        assert body[name], name
    assert re.fullmatch(r"[a-z_]+", body["code"])
    assert len(answer["body"]) < 20_000
    assert not INSIDE.search(answer["body"]), answer["body"][:500]
    if answer["statusCode"] == 400:
        assert body["details"], body
        for detail in body["details"]:
            assert set(detail) >= {"field", "message"}, body
    return dict(body)


def rows() -> int:
    """How much is stored: rows of all tables, and objects."""
    tables = dynamodb_backends[ACCOUNT][REGION].tables.values()
    buckets = s3_backends[ACCOUNT]["aws"].buckets.values()
    stored = [len(list(table.all_items())) for table in tables]
    return sum(stored) + sum(len(bucket.keys) for bucket in buckets)


def example(route: Route) -> Any:
    """The documented body of the route, if the function's example is of this route."""
    event = event_of(route.function)
    is_of_it = (event["resource"], event["httpMethod"]) == (route.path, route.method)
    return json.loads(event["body"]) if is_of_it and route.has_body else {}


def test_every_documented_route_is_called() -> None:
    assert {(route.method.lower(), route.path) for route in ROUTES} == set(DOCUMENTED)
    assert set(FUNCTIONS) == set(DOCUMENTED)
    assert len(PRIVATE) > 40


def bad_tokens() -> Iterator[str | None]:
    claims = {"sub": "user-1", "iss": ENVIRONMENT["JWT_ISSUER"], "aud": "showreel"}
    good = claims | {"exp": now_seconds() + 600}

    def signed(key: str = SECRET, algorithm: str = "HS256", **changes: Any) -> str:
        return f"Bearer {jwt.encode(good | changes, key, algorithm=algorithm)}"

    yield from (None, "", "Bearer", "Bearer ", "Basic dXNlcg==", "Bearer x", "Bearer a.b.c")
    yield from (f"Bearer {LONG * 10}", signed("another-secret-of-more-than-32-bytes"))
    yield from (signed("", "none"), signed(exp=now_seconds() - 60), signed(exp=True))
    yield from (signed(iss="https://id.example.com"), signed(aud="other"), signed(sub=""))
    yield from (signed(sub="x" * 256), signed(sub="\U0001f600" * 200), signed(sub="a\nb"))
    yield f"Bearer {issue_run_token('run_1')}x"


@every(PRIVATE)
def test_without_a_valid_token_everything_is_401(route: Route, send: Send) -> None:
    before = rows()
    for value in bad_tokens() if route.path in THOROUGH else (None, "Bearer a.b.c"):
        headers = {} if value is None else {"Authorization": value}
        for body in (example(route), "{"):
            answer = send(route, user=None, headers=headers, body=body, ids={"user_id": "%00"})
            assert (answer["statusCode"], answer["json"]["code"]) == (401, "unauthenticated"), value
    answer = send(route, user=None, headers={"Content-Type": "text/plain"}, body="x")
    assert answer["statusCode"] == 401
    answer = send(route, user=None, path=route.filled({}, LONG), query={"cursor": "x"})
    assert answer["statusCode"] == 401
    assert rows() == before


@every([route for route in PRIVATE if route.has_body])
def test_another_content_type_is_415(route: Route, send: Send) -> None:
    for content_type in OTHER_TYPES if route.path in THOROUGH else OTHER_TYPES[:2]:
        for body in ("x", "a=b", "{}", "") if route.path in THOROUGH else ("a=b",):
            answer = send(route, headers={"Content-Type": content_type}, body=body)
            told = (answer["statusCode"], answer["json"]["code"])
            assert told == (415, "unsupported_media_type"), content_type


@every([route for route in PRIVATE if route.has_body])
def test_json_is_json_in_any_letters(route: Route, send: Send) -> None:
    told = [
        send(route, headers={"Content-Type": content_type}, body=example(route))
        for content_type in (SAME_TYPES if route.path in THOROUGH else SAME_TYPES[:2])
    ]
    assert {answer["statusCode"] for answer in told} == {told[0]["statusCode"]} != {415}
    assert len({answer["json"].get("code") for answer in told}) == 1


@every([route for route in ROUTES if route.has_body])
def test_a_body_that_means_harm_is_refused(route: Route, send: Send) -> None:
    before = rows()
    for body in ODD_BODIES if route.path in THOROUGH else ODD_BODIES[::3]:
        assert 400 <= send(route, body=body)["statusCode"] < 500, body[:60]
    if route.path not in {"/api/workspaces", "/api/me"}:  # where one field is all it takes
        for value in ODD_VALUES:
            body = dict.fromkeys([*route.fields, "credits_used", "status", "pk"], value)
            assert 400 <= send(route, body=body)["statusCode"] < 500, str(value)[:60]
    assert rows() == before


@every(ROUTES)
def test_an_id_that_cannot_be_one_reaches_nothing(
    route: Route, send: Send, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    call = BaseClient._make_api_call

    def watched(client: Any, operation: str, request: Any) -> Any:
        asked.append(json.dumps(request, default=str))
        return call(client, operation, request)

    monkeypatch.setattr(BaseClient, "_make_api_call", watched)
    for name in route.names:
        for odd in ODD_IDS:
            if name == "user_id" and odd in {
                "..",
                "a#b",
                "a b",
                "{}",
                "$",
                "%",
                "a%2Fb",
                "x" * 129,
            }:
                continue  # whatever an issuer calls its users
            answer = send(route, ids={"user_id": "u", name: odd})
            assert answer["statusCode"] in {404, 400 if route.has_body else 404}, odd
            assert not [one for one in asked if odd in one], odd


@every([route for route in ROUTES if route.queries])
def test_a_query_that_means_harm_is_no_fault_of_ours(route: Route, send: Send) -> None:
    before = rows()
    for name in route.queries:
        for value in filter(lambda odd: isinstance(odd, str), ODD_VALUES):
            if name == "user_id" and route.path not in THOROUGH:
                continue
            answer = send(route, query={"workspaceId": "w", name: value[:8000]})
            assert name != "cursor" or answer["statusCode"] in {400, 404}, value[:50]
    assert rows() == before


@every(ROUTES)
def test_headers_that_mean_harm_are_no_fault_of_ours(route: Route, send: Send) -> None:
    names = ("Idempotency-Key", "Last-Event-ID", "Prefer", "Range", "Accept", "If-None-Match")
    odd = ("\0", "a\r\nSet-Cookie: x", "x" * 9000, "", "\u00e9", "-1", "1e9", ";=,\"'")
    for value in odd if route.path in THOROUGH else odd[:3]:
        headers = dict.fromkeys((*names, "Origin", "Sec-Fetch-Site", "X-Forwarded-Host"), value)
        answer = send(route, headers={**headers, "Cookie": f"session={value}"})
        told = str(answer.get("multiValueHeaders")) + str(answer.get("headers"))
        assert "Set-Cookie" not in told
        if value:
            assert value[:50] not in told


def test_only_a_service_grants_credits(invoke: Invoke) -> None:
    workspace_id = service.create_workspace(Caller("user-1"), CreateWorkspace(name="Own")).id
    body = {"workspaceId": workspace_id, "amount": 1_000_000, "grantId": "mine"}
    answer = invoke("credits", method="POST", path="/api/credits/grants", body=body)
    assert (answer["statusCode"], answer["json"]["code"]) == (403, "forbidden")
    read = invoke("credits", method="GET", path="/api/credits")
    assert read["json"]["balance"] == 0


FAULTS: tuple[Exception, ...] = (
    ClientError(
        {"Error": {"Code": "ThrottlingException", "Message": "Rate of table-1 exceeded"}}, "GetItem"
    ),
    ConnectTimeoutError(endpoint_url="https://dynamodb.eu-central-1.amazonaws.com"),
)


@every(ROUTES)
def test_an_outage_is_reported_without_naming_anything(
    route: Route, invoke: Invoke, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)
    path = route.filled(dict.fromkeys(route.names, derived_id("x")))
    query = {"workspaceId": "w", "job_id": "j", "requestId": "r"}
    invoke(route.function, method=route.method, path=path, query=query, user=None)  # its secret
    call = BaseClient._make_api_call
    for fault in FAULTS:

        def broken(client: Any, operation: str, request: Any, fault: Exception = fault) -> Any:
            if operation == "GetSecretValue":
                return call(client, operation, request)
            raise fault

        monkeypatch.setattr(BaseClient, "_make_api_call", broken)
        told = {"path": path, "query": query, "body": example(route)}
        answer = invoke(route.function, method=route.method, **told)
        if answer["statusCode"] >= 400:
            body = envelope(answer)
            assert answer["statusCode"] in {400, 401, 403, 404, 503}, answer["body"]
            if answer["statusCode"] == 503:
                assert (body["code"], header(answer, "retry-after")) == ("try_again", "1")


@pytest.mark.parametrize("function", ["credits", "jobs", "video_projects", "music_tracks"])
def test_a_fault_of_the_code_is_opaque(
    invoke: Invoke, function: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any, **__: Any) -> Any:
        raise RuntimeError(f"table secret {SECRET}")

    monkeypatch.setattr("showreel.core.dynamo._call", broken)
    path = event_of(function)["path"]
    answer = invoke(function, method="GET", path=path, query={"workspaceId": "w"})
    assert (answer["statusCode"], envelope(answer)["code"]) == (500, "internal_error")
