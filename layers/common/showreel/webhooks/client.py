"""Sends a webhook to a URL that a user chose, without access to our network (SSRF).

Only https on port 443 of public addresses, by the address that was checked (`assets.network`); no
redirects are followed, the answer's body isn't read, and the total time is limited. Other origins
are allowed only if the operator names them in `WebhookOrigins`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime

import httpx

from showreel.assets.fetch import Rules, checked_url
from showreel.assets.network import CONNECT_SECONDS, Deadline, PinnedTransport
from showreel.core.clock import now_seconds
from showreel.core.errors import InvalidInput
from showreel.core.settings import WebhookOrigins, settings

TOTAL_SECONDS = 12.0
"""From the look-up of the name to the answer's last header."""
ASKS_FOR_PAUSE = frozenset({429, 503})
HEADERS = {
    "content-type": "application/json",
    "accept": "*/*",
    "accept-encoding": "identity",
    "user-agent": "showreel-webhooks/1",
}


@dataclass(frozen=True)
class SendResult:
    """What came of sending: the receiver's HTTP status, or a code of why there is none."""

    status: int | None = None
    error: str | None = None
    asked_seconds: int | None = None
    """The pause that the receiver asks for, by `Retry-After`."""

    @property
    def is_success(self) -> bool:
        """Whether the event was received: only a 2xx says so."""
        return self.status is not None and 200 <= self.status < 300

    @property
    def is_gone(self) -> bool:
        """Whether the receiver wants no more events."""
        return self.status == 410


def check_url(url: str) -> None:
    """Raises InvalidInput `blocked_url` for a URL that is never allowed. The host's addresses are
    checked at each connection.
    """
    checked_url(url, _rules(url))


def send(url: str, body: bytes, headers: Mapping[str, str]) -> SendResult:
    """Sends a request; returns the receiver's answer, or why there is none."""
    try:
        return _send(url, body, headers)
    except httpx.TimeoutException:
        return SendResult(error="timeout")
    except httpx.HTTPError:
        return SendResult(error="connection_failed")
    except InvalidInput as error:  # an address that isn't public, a name that isn't found
        return SendResult(error=error.code)


def _send(url: str, body: bytes, headers: Mapping[str, str]) -> SendResult:
    rules = _rules(url)
    target = checked_url(url, rules)
    deadline = Deadline(TOTAL_SECONDS)
    exempt = frozenset((host, port) for _, host, port in rules.exempt())
    timeout = httpx.Timeout(TOTAL_SECONDS, connect=CONNECT_SECONDS)
    with (
        httpx.Client(
            transport=PinnedTransport(exempt, deadline), timeout=timeout, trust_env=False
        ) as client,
        client.stream("POST", target, content=body, headers={**HEADERS, **headers}) as response,
    ):
        status = response.status_code
        asked = response.headers.get("retry-after") if status in ASKS_FOR_PAUSE else None
        failed = None if 200 <= status < 300 else "bad_status"
        return SendResult(status, failed, _seconds(asked))


def _rules(url: str) -> Rules:
    """Returns the rules for a URL, with its origin exempt if the operator names it."""
    try:
        parsed = httpx.URL(url)
        origin = f"{parsed.scheme}://{parsed.raw_host.decode('ascii')}"
        port = parsed.port or {"https": 443, "http": 80}.get(parsed.scheme, 0)
    except (httpx.InvalidURL, ValueError):
        return Rules(max_bytes=0)
    vouched = {one.strip() for one in settings(WebhookOrigins).webhook_origins.split(",")}
    is_vouched = not vouched.isdisjoint({f"{origin}:{port}", f"{origin}:*"})
    exempt = frozenset({f"{origin}:{port}"}) if is_vouched else frozenset()
    return Rules(max_bytes=0, exempt_origins=exempt)


def _seconds(asked: str | None) -> int | None:
    """Parses a Retry-After, a number or a date, to seconds; None if it is neither."""
    if asked is None:
        return None
    if asked.isascii() and asked.isdigit():
        return int(asked[:9])
    try:
        moment = parsedate_to_datetime(asked)
    except ValueError:
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0, int(aware.timestamp()) - now_seconds())
