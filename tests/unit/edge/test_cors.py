"""What CORS headers allow: any origin, or the one that may send its cookie."""

from typing import Any

import pytest

from showreel.core import settings as core_settings
from showreel.edge.api import api, json_response

PAGE = "https://app.example.com"


def answered(monkeypatch: pytest.MonkeyPatch, allowed: str, origin: str, path: str) -> Any:
    """Headers of an answer to a page of `origin`, with lower-case names."""
    monkeypatch.setenv("ALLOWED_ORIGIN", allowed)
    core_settings.settings.cache_clear()
    app = api()
    app.get("/there")(lambda: json_response(200, {}))
    event = {
        "httpMethod": "GET",
        "path": path,
        "headers": {"Origin": origin},
        "multiValueHeaders": {"Origin": [origin]},
        "requestContext": {"requestId": "r"},
    }
    answer = app.resolve(event, None)
    core_settings.settings.cache_clear()
    return {name.lower(): of for name, of in answer["multiValueHeaders"].items()}


@pytest.mark.parametrize("path", ["/there", "/nowhere"])
def test_one_origin_may_send_its_cookie_and_read_also_errors(
    monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    headers = answered(monkeypatch, PAGE, PAGE, path)
    assert headers["access-control-allow-origin"] == [PAGE]
    assert headers["access-control-allow-credentials"] == ["true"]
    assert "x-relay-error" not in headers
    foreign = answered(monkeypatch, PAGE, "https://evil.example.com", path)
    assert "access-control-allow-origin" not in foreign


@pytest.mark.parametrize("path", ["/there", "/nowhere"])
def test_every_origin_may_read_without_a_cookie(monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    headers = answered(monkeypatch, "*", PAGE, path)
    assert headers["access-control-allow-origin"] == ["*"]
    assert "access-control-allow-credentials" not in headers
    exposed = set(headers["access-control-expose-headers"][0].replace(" ", "").split(","))
    assert exposed >= {
        "electric-offset",
        "electric-handle",
        "electric-schema",
        "electric-cursor",
        "electric-up-to-date",
        "etag",
        "location",
        "retry-after",
        "idempotent-replayed",
    }
