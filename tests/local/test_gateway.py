"""The gateway: routes, events, answers, limits, CORS."""

import base64
import json
from typing import Any
from urllib.parse import quote

import pytest

from local.gateway.app import BODY_LIMIT_BYTES
from local.stack import Stack
from tests.support.http import send


def replied(stack: Stack, reply: Any, headers: dict[str, str] | None = None) -> Any:
    text = reply if isinstance(reply, str) else json.dumps(reply)
    return send("GET", f"{stack.base_url}/items/1?reply={quote(text)}", headers=headers)


def test_the_event_is_the_rest_proxy_event(small: Stack) -> None:
    url = f"{small.base_url}/items/a%20b?x=1&x=2&empty=&y=%C3%A9"
    event = send("GET", url, headers={"X-Case": "v", "Accept": "a"}).json
    assert event["resource"] == "/items/{id}"
    assert event["path"] == "/items/a b"
    assert event["pathParameters"] == {"id": "a b"}
    assert event["queryStringParameters"] == {"x": "2", "empty": "", "y": "é"}
    assert event["multiValueQueryStringParameters"]["x"] == ["1", "2"]
    assert event["headers"]["X-Case"] == "v"
    assert event["multiValueHeaders"]["X-Case"] == ["v"]
    assert event["headers"]["X-Forwarded-For"] == "127.0.0.1"
    assert (event["body"], event["isBase64Encoded"]) == (None, False)
    assert event["stageVariables"] is None


def test_the_request_context(small: Stack) -> None:
    reply = send("GET", f"{small.base_url}/items/1", headers={"User-Agent": "tester"})
    context = reply.json["requestContext"]
    assert context["stage"] == "test"
    assert context["path"] == "/test/items/1"
    assert context["resourcePath"] == "/items/{id}"
    assert context["domainName"] == f"127.0.0.1:{small.gateway_server.port}"
    assert context["identity"]["userAgent"] == "tester"
    assert context["requestId"] == reply.headers["x-amzn-RequestId"]


def test_nothing_in_the_query_is_null(small: Stack) -> None:
    event = send("GET", f"{small.base_url}/items/special").json
    assert event["resource"] == "/items/special"
    assert event["queryStringParameters"] is None
    assert event["multiValueQueryStringParameters"] is None
    assert event["pathParameters"] is None


def test_bodies_are_text_unless_the_type_is_binary(small: Stack) -> None:
    text = send("POST", f"{small.base_url}/items", "é".encode(), {"Content-Type": "text/plain"})
    assert (text.json["body"], text.json["isBase64Encoded"]) == ("é", False)
    image = send("POST", f"{small.base_url}/items", b"\xff\0", {"Content-Type": "image/png"})
    assert base64.b64decode(image.json["body"]) == b"\xff\0"
    assert image.json["isBase64Encoded"] is True


def test_headers_of_the_answer(small: Stack) -> None:
    reply = send("GET", f"{small.base_url}/items/1")
    assert reply.headers["X-One"] == "1"
    assert reply.headers.get_all("X-Many") == ["a", "b"]
    assert reply.headers["Content-Type"] == "application/json"


@pytest.mark.parametrize(
    "reply",
    [
        "[1]",
        '"text"',
        {"statusCode": "abc"},
        {"statusCode": 200, "body": {"not": "text"}},
        {"statusCode": 200, "headers": {"X": {"a": 1}}},
        {"statusCode": 200, "multiValueHeaders": {"X": "no list"}},
        {"statusCode": 99},
    ],
)
def test_a_malformed_answer_is_502_in_the_envelope(small: Stack, reply: Any) -> None:
    answer = replied(small, reply)
    assert answer.status == 502
    assert answer.json["code"] == "broken"
    assert answer.json["requestId"] == answer.headers["x-amzn-RequestId"]
    assert answer.headers["Access-Control-Allow-Origin"] == "https://site.example"


def test_base64_answers_are_decoded_for_who_accepts_them(small: Stack) -> None:
    reply = {"statusCode": 200, "body": base64.b64encode(b"\xff").decode(), "isBase64Encoded": True}
    assert replied(small, reply, {"Accept": "image/png"}).body == b"\xff"
    assert replied(small, reply, {"Accept": "text/html"}).body == b"/w=="


def test_an_unknown_route_or_method_is_the_mock_of_the_template(small: Stack) -> None:
    unknown = send("GET", f"{small.base_url}/nowhere/at/all")
    assert unknown.status == 404
    assert unknown.headers["X-Mock"] == "yes"
    assert unknown.json == {"code": "missing", "path": "/test/nowhere/at/all"}
    assert send("DELETE", f"{small.base_url}/items/1").status == 404


def test_another_stage_is_forbidden(small: Stack) -> None:
    assert send("GET", f"{small.gateway_server.url}/other/items/1").status == 403


def test_preflight_is_answered_by_the_gateway(small: Stack) -> None:
    reply = send("OPTIONS", f"{small.base_url}/items/1", headers={"Origin": "https://x.example"})
    assert reply.status == 200
    assert reply.headers["Access-Control-Allow-Origin"] == "https://site.example"
    assert reply.headers["Access-Control-Allow-Methods"] == "GET,POST"
    assert reply.headers["Access-Control-Allow-Headers"] == "x-a,x-b"
    assert reply.headers["Access-Control-Max-Age"] == "600"


def test_a_body_over_ten_megabytes_is_413(small: Stack) -> None:
    reply = send("POST", f"{small.base_url}/items", b"x" * (BODY_LIMIT_BYTES + 1))
    assert reply.status == 413
    assert reply.json["code"] == "too_large"


@pytest.mark.parametrize("body", [b"x" * 7_000_000, b'"' * 4_000_000])
def test_what_lambda_does_not_take_is_413_too(small: Stack, body: bytes) -> None:
    """Lambda has six megabytes for the whole event, in which quotes are escaped."""
    reply = send("POST", f"{small.base_url}/items", body, {"Content-Type": "text/plain"})
    assert (reply.status, reply.json["message"]) == (413, "Request Too Long")


def test_the_integration_times_out_but_the_function_goes_on(small: Stack) -> None:
    reply = send("GET", f"{small.base_url}/slow?sleep=1")
    assert reply.status == 504
    assert reply.json == {"code": "late"}


def test_a_method_takes_what_the_stage_says(small: Stack) -> None:
    """Three at once and one more in ten seconds; other methods have buckets of their own."""

    def statuses(count: int) -> list[int]:
        return [send("GET", f"{small.base_url}/few").status for _ in range(count)]

    assert statuses(5) == [200, 200, 200, 429, 429]
    assert send("GET", f"{small.base_url}/items/1").status == 200
    small.move_clock(10)
    assert statuses(2) == [200, 429]
    small.move_clock(3600)
    assert statuses(4) == [200, 200, 200, 429]
