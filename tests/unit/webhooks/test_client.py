"""What is sent, and where to: a receiver can't lead us anywhere else, nor hold us."""

import time
from http.server import BaseHTTPRequestHandler

import pytest

from showreel.core import settings as core_settings
from showreel.core.errors import InvalidInput
from showreel.webhooks import client
from showreel.webhooks.client import SendResult, check_url, send
from tests.unit.assets.conftest import HOST, Site, loopback_only, site

__all__ = ["loopback_only", "site"]
URL = f"https://{HOST}/hook"


@pytest.fixture(autouse=True)
def _settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WEBHOOK_ORIGINS", raising=False)
    core_settings.settings.cache_clear()


def test_a_webhook_arrives_with_its_headers_and_body(site: Site) -> None:
    bodies: list[bytes] = []

    def answer(request: BaseHTTPRequestHandler) -> None:
        bodies.append(request.rfile.read(int(request.headers["content-length"])))
        request.send_response(202)
        request.end_headers()

    site.pages["/hook"] = answer
    assert send(URL, b'{"a": 1}', {"webhook-id": "evt_1"}) == SendResult(202)
    assert bodies == [b'{"a": 1}']
    (_, headers), *_ = site.requests
    assert headers["content-type"] == "application/json"
    assert headers["webhook-id"] == "evt_1"
    assert headers["user-agent"].startswith("showreel-webhooks/")


def test_a_redirect_is_not_followed(site: Site) -> None:
    site.serve("/hook", status=302, location="https://media.example.com/other")
    assert send(URL, b"{}", {}) == SendResult(302, "bad_status")
    assert [path for path, _ in site.requests] == ["/hook"]


@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.8", "169.254.169.254", "64:ff9b::a00:1"])
def test_a_name_that_leads_inside_is_refused_at_every_attempt(site: Site, address: str) -> None:
    site.addresses[HOST] = ["93.184.216.34", address]
    assert send(URL, b"{}", {}) == SendResult(error="blocked_url")
    assert not site.connections


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/hook",
        "https://127.0.0.1/hook",
        "https://[::1]/hook",
        "https://user:word@example.com/hook",
        "https://example.com:8443/hook",
        "https://localhost/hook",
        "ftp://example.com/",
        "https://exa mple.com/",
        "nonsense",
    ],
)
def test_a_url_that_nothing_will_be_sent_to_is_refused_at_once(url: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        check_url(url)
    assert refused.value.code == "blocked_url"
    assert send(url, b"{}", {}) == SendResult(error="blocked_url")


def test_only_the_operator_opens_other_origins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEBHOOK_ORIGINS", "http://127.0.0.1:*, http://localhost:8080")
    core_settings.settings.cache_clear()
    check_url("http://127.0.0.1:1234/hook")
    check_url("http://localhost:8080/")
    for url in ("http://localhost:8081/", "http://127.0.0.2:1234/", "https://127.0.0.1:443/"):
        with pytest.raises(InvalidInput):
            check_url(url)


def test_a_receiver_that_dawdles_holds_nobody_for_long(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "TOTAL_SECONDS", 0.3)

    def dawdle(request: BaseHTTPRequestHandler) -> None:
        for letter in b"HTTP/1.1 200 OK\r\nA: " + b"a" * 100:
            request.wfile.write(bytes([letter]))
            request.wfile.flush()
            time.sleep(0.05)

    site.pages["/hook"] = dawdle
    begun = time.monotonic()
    assert send(URL, b"{}", {}) == SendResult(error="timeout")
    assert time.monotonic() - begun < 2


def test_an_endless_answer_is_not_read(site: Site) -> None:
    sent = 0

    def endless(request: BaseHTTPRequestHandler) -> None:
        nonlocal sent
        request.send_response(200)
        request.end_headers()
        try:
            while sent < 1 << 28:
                sent += request.wfile.write(b"x" * 65536)
        except OSError:
            pass

    site.pages["/hook"] = endless
    assert send(URL, b"{}", {}) == SendResult(200)
    assert sent < 1 << 24


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("120", 120), ("soon", None), ("-5", None), ("99999999999999", 999999999)],
)
@pytest.mark.parametrize("status", [429, 503])
def test_a_pause_is_read_from_retry_after(
    site: Site, status: int, header: str, seconds: int | None
) -> None:
    site.serve("/hook", status=status, Retry_After=header)
    assert send(URL, b"{}", {}) == SendResult(status, "bad_status", seconds)


def test_a_pause_may_be_a_date_and_counts_only_with_429_and_503(site: Site) -> None:
    site.serve("/hook", status=503, Retry_After="Fri, 31 Dec 2100 23:59:59 GMT")
    answer = send(URL, b"{}", {})
    assert answer.asked_seconds is not None
    assert answer.asked_seconds > 1_000_000
    site.serve("/hook", status=500, Retry_After="120")
    assert send(URL, b"{}", {}) == SendResult(500, "bad_status")


def test_a_host_that_is_not_there_is_reported_as_a_code(site: Site) -> None:
    site.addresses.clear()
    assert send(URL, b"{}", {}) == SendResult(error="media_unreachable")
