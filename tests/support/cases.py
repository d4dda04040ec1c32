"""Requests that Schemathesis makes of the document, and what it says of their answers.

Ids and URLs are put in that stand for something, so that requests come past 404; in every fourth
one what was generated stays.
"""

import contextlib
import random
from collections.abc import Callable, Mapping
from typing import Any

import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode, checks
from schemathesis.specs.openapi import checks as openapi

from tests.support.document import CALLER, DOCUMENT, Operation

CHECKS = (
    checks.not_a_server_error,
    openapi.status_code_conformance,
    openapi.content_type_conformance,
    openapi.response_schema_conformance,
    openapi.response_headers_conformance,
)
MODES = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
"""What the document allows, and what it doesn't."""
KEPT = 4
Send = Callable[[requests.PreparedRequest], requests.Response]
BASE = "http://127.0.0.1"


class Cases:
    """Cases of operations, always the same for a seed. `ids` are by the names of parameters."""

    def __init__(self, send: Send, ids: Callable[[Operation], Mapping[str, str]], first: int):
        self._send, self._ids, self._first = send, ids, first
        self._schema = schemathesis.openapi.from_dict(DOCUMENT)
        self.count = 0
        self.statuses: dict[int, int] = {}

    def run(self, operation: Operation, most: int, base_url: str = BASE) -> None:
        """Sends up to `most` cases. Raises what Schemathesis finds, with the smallest request."""
        for mode in MODES:
            self._run(operation, mode, -(-most // len(MODES)), base_url)

    def _run(self, operation: Operation, mode: GenerationMode, most: int, base_url: str) -> None:
        told = self._schema[operation.path][operation.method]
        chosen = random.Random(f"{self._first} {operation} {mode}")
        strategy = told.as_strategy(generation_mode=mode)

        @seed(self._first)
        @settings(
            max_examples=most,
            database=None,
            deadline=None,
            phases=[Phase.generate, Phase.shrink],
            suppress_health_check=list(HealthCheck),
            print_blob=False,
        )
        @given(case=strategy)
        def one(case: Any) -> None:
            if chosen.randrange(KEPT):
                fill(case, self._ids(operation))
            self._check(case, base_url)

        with contextlib.suppress(Unsatisfiable):  # nothing that the document doesn't allow
            one()

    def _check(self, case: Any, base_url: str) -> None:
        request = requests.Request(**case.as_transport_kwargs(base_url=base_url)).prepare()
        answer = self._send(request)
        self.count += 1
        self.statuses[answer.status_code] = self.statuses.get(answer.status_code, 0) + 1
        case.validate_response(answer, checks=CHECKS)


def fill(case: Any, ids: Mapping[str, str]) -> None:
    """Puts ids where the case has something under their names. Who is acted for is the caller."""
    own = {**ids, "user_id": ids[CALLER]}
    for part, known in ((case.path_parameters, ids), (case.query, own)):
        for name in part or {}:
            if name in known:
                part[name] = known[name]
    _fill(case.body, own)


def _fill(value: Any, ids: Mapping[str, str]) -> None:
    if isinstance(value, dict):
        for name, inner in value.items():
            if name in ids and isinstance(inner, str | list):
                value[name] = ids[name] if isinstance(inner, str) else [ids[name]]
            else:
                _fill(inner, ids)
    elif isinstance(value, list):
        for inner in value:
            _fill(inner, ids)
