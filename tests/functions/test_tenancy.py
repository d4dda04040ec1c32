"""Every route that takes an id of somebody's, called by somebody else who knows it.

The operations come from the document, and what they take from `belongings.TRIES`: a new one without
an entry fails here.
"""

from typing import Any

import pytest
from botocore.client import BaseClient

from tests.support.document import OPERATIONS, Operation

from .belongings import TRIES, Belongings, settled, stored, tries_of
from .calling import Call, call, machines, product

__all__ = ["call", "machines", "product"]
PRIVATE = [operation for operation in OPERATIONS if not operation.is_open]


def test_of_every_operation_it_is_said_what_it_takes() -> None:
    for operation in OPERATIONS:
        tries_of(operation)
    assert set(TRIES) <= set(map(str, OPERATIONS))


def test_a_foreign_id_is_like_a_missing_one_and_changes_nothing(
    call: Call, monkeypatch: pytest.MonkeyPatch, subtests: pytest.Subtests
) -> None:
    owner, stranger = settled("ann", call), settled("eve", call)
    before, calls = stored(), watched(monkeypatch)

    def outcome(operation: Operation, whose: Belongings, one: Any) -> Any:
        calls.clear()
        answer = call(operation, user=stranger.user_id, **whose.request(operation, one))
        return answer["statusCode"], answer["body"], tuple(calls)

    for operation in PRIVATE:
        for number, one in enumerate(tries_of(operation)):
            with subtests.test(operation=str(operation), number=number):
                foreign, missing = (
                    outcome(operation, owner, one),
                    outcome(operation, owner.missing(), one),
                )
                assert foreign[0] == 404, foreign[1]
                assert foreign == missing
                assert stored() == before
    for operation in sorted(PRIVATE, key=last_things_last):
        for number, one in enumerate(tries_of(operation)):
            with subtests.test("their owner reaches them", operation=str(operation), number=number):
                answer = call(operation, user=owner.user_id, **owner.request(operation, one))
                assert answer["statusCode"] != 404, answer["body"]


def last_things_last(operation: Operation) -> tuple[bool, int, int]:
    """What is deleted is deleted after it was used, and before what holds it."""
    holders = ("/api/scenes", "/api/projects", "/api/workspaces")
    path = operation.path
    rank = next((rank for rank, start in enumerate(holders, 1) if path.startswith(start)), 0)
    return operation.method == "DELETE", rank, -len(path)


def watched(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is asked of AWS from now on."""
    calls: list[str] = []
    make = BaseClient._make_api_call

    def counted(client: Any, operation: str, request: Any) -> Any:
        calls.append(operation)
        return make(client, operation, request)

    monkeypatch.setattr(BaseClient, "_make_api_call", counted)
    return calls
