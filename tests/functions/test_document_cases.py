"""What Schemathesis makes of the document, sent to every handler: no 5xx, nothing undocumented.

`make fuzz` sends more, to a running stack.
"""

import copy
import io
from collections import Counter
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import pytest
import requests
from urllib3 import HTTPResponse

from tests.support.cases import Cases
from tests.support.document import OPERATIONS, Operation

from .belongings import Belongings, settled
from .calling import Call, call, functions, machines, product
from .conftest import delivered, event_of, token

__all__ = ["call", "machines", "product"]
SEED, EACH = 41, 2


def test_every_case_is_answered_as_documented(call: Call, subtests: pytest.Subtests) -> None:
    owner, statuses = settled("ann", call), Counter[int]()
    for operation in sorted(OPERATIONS, key=lambda one: one.method == "DELETE"):
        cases = Cases(Sender(operation, owner), owner.named, SEED)
        with subtests.test(operation=str(operation)):
            cases.run(operation, EACH)
        statuses.update(cases.statuses)
    told = sum(count for status, count in statuses.items() if status < 400)
    assert told > 0.2 * statuses.total(), statuses


class Sender:
    """Sends requests to the operation's function, as the gateway would."""

    def __init__(self, operation: Operation, caller: Belongings) -> None:
        self._function = functions()[operation.method, operation.path]
        self._caller = caller

    def __call__(self, request: requests.PreparedRequest) -> requests.Response:
        return answered(request, delivered(self._function, self._event(request), lambda: 1))

    def _event(self, request: requests.PreparedRequest) -> dict[str, Any]:
        event, url = copy.deepcopy(event_of(self._function)), urlsplit(str(request.url))
        names = {**request.headers, "Authorization": f"Bearer {token(self._caller.user_id)}"}
        pairs = parse_qsl(url.query, keep_blank_values=True)
        several: dict[str, list[str]] = {}
        for name, value in pairs:
            several.setdefault(name, []).append(value)
        body = request.body or b""
        text = body if isinstance(body, str) else body.decode(errors="replace")
        return event | {
            "httpMethod": request.method,
            "path": unquote(url.path),
            "headers": names,
            "multiValueHeaders": {name: [value] for name, value in names.items()},
            "queryStringParameters": dict(pairs) or None,
            "multiValueQueryStringParameters": several or None,
            "body": text or None,
        }


def answered(request: requests.PreparedRequest, answer: Mapping[str, Any]) -> requests.Response:
    """The answer as a client has it."""
    body = answer.get("body") or ""
    content = body if isinstance(body, bytes) else body.encode()
    response = requests.Response()
    headers = {name: ", ".join(of) for name, of in answer["multiValueHeaders"].items()}
    headers.pop("Content-Encoding", None)  # `delivered` has undone it
    response.status_code = answer["statusCode"]
    response._content = content
    response.headers.update(headers)
    response.raw = HTTPResponse(io.BytesIO(content), headers, response.status_code)
    response.request, response.url = request, str(request.url)
    response.elapsed = timedelta(0)
    return response
