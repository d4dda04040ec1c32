"""Examples of requests, answers and events, as the documents print them."""

import functools
import json
from pathlib import Path
from typing import Any

from tools.openapi.routes import Route

FILE = Path(__file__).with_name("examples.json")


@functools.cache
def every() -> dict[str, dict[str, dict[str, Any]]]:
    """Returns all, by operation and then by `request`, status or event."""
    found: dict[str, dict[str, dict[str, Any]]] = json.loads(FILE.read_text())
    return found


def request(route: Route) -> dict[str, Any]:
    """Returns `examples` of its body, or nothing."""
    return _shown(route, "request")


def response(route: Route, status: int) -> dict[str, Any]:
    """Returns `examples` of an answer, or nothing."""
    return _shown(route, str(status))


def stream(route: Route) -> dict[str, Any]:
    """Returns `examples` of a stream, as it goes over the wire, or nothing."""
    return _shown(route, "stream")


def _shown(route: Route, part: str) -> dict[str, Any]:
    found = every().get(route.key, {}).get(part, {})
    return {"examples": {name: {"value": value} for name, value in found.items()}} if found else {}
