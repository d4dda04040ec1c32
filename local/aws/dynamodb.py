"""Mends moto's DynamoDB where it differs from AWS.

* A transaction undoes its own writes; moto copied every table it touched, however large, first.
* The same ClientRequestToken within ten minutes is carried out once, as botocore's retries rely on.
"""

import copy
import functools
import hashlib
import io
import json
from collections.abc import Iterable
from typing import Any

from moto.dynamodb import models
from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.table import Table

from local import clock
from local.aws import dynamodb_speed, streams
from local.aws.mending import replace
from local.control.faults import carry_out
from local.server import App, Environ, StartResponse

TOKEN_SECONDS = 600.0


class _CopiesNoTables:
    """Stands in for the module `copy` in moto's models."""

    @staticmethod
    def deepcopy(value: Any, memo: Any = None) -> Any:
        """Returns a deep copy, but of a table the table itself."""
        return value if isinstance(value, Table) else copy.deepcopy(value, memo)

    copy = staticmethod(copy.copy)


@functools.cache
def mend() -> None:
    """Mends moto, once per process."""
    transact: Any = DynamoDBBackend.transact_write_items

    def transact_write_items(self: Any, transact_items: list[dict[str, Any]]) -> None:
        before = [_item_before(self, *next(iter(entry.items()))) for entry in transact_items]
        marks = streams.marks()
        try:
            transact(self, transact_items)
        except Exception:
            streams.undo(marks)
            for was in before:
                _put_back(*was)
            raise

    streams.mend()
    replace(models, copy=_CopiesNoTables())
    replace(DynamoDBBackend, transact_write_items=transact_write_items)
    dynamodb_speed.mend()


def _item_before(backend: Any, kind: str, operation: dict[str, Any]) -> tuple[Any, Any, Any, Any]:
    """Table, keys and a copy of an item that a transaction may change (None: there is none)."""
    table = backend.get_table(operation["TableName"])
    keys = operation["Item"] if kind == "Put" else operation["Key"]
    hash_key, range_key = backend.get_keys_value(table, keys)
    return table, hash_key, range_key, copy.deepcopy(table.get_item(hash_key, range_key))


def _put_back(table: Any, hash_key: Any, range_key: Any, item: Any) -> None:
    rows = table.items[hash_key] if range_key is not None else table.items
    key = range_key if range_key is not None else hash_key
    if item is not None:
        rows[key] = item
    else:
        rows.pop(key, None)


class TransactionTokens:
    """Answers of the last ten minutes' transactions, by client token. Used under the table lock."""

    def __init__(self) -> None:
        self._answers: dict[str, tuple[float, str, bytes]] = {}

    def once(self, app: App, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Carries a transaction out, or repeats its answer."""
        data = environ["wsgi.input"].read()
        environ["wsgi.input"] = io.BytesIO(data)
        token = json.loads(data).get("ClientRequestToken")
        content = hashlib.sha256(data).hexdigest()
        self._forget_old()
        if token in self._answers:
            return _again(self._answers[token], content, start_response)
        status, headers, body = carry_out(app, environ)
        if token and status.startswith("200"):
            self._answers[token] = (clock.monotonic() + TOKEN_SECONDS, content, body)
        start_response(status, headers)
        return [body]

    def _forget_old(self) -> None:
        now = clock.monotonic()
        self._answers = {key: kept for key, kept in self._answers.items() if kept[0] > now}


def _again(
    kept: tuple[float, str, bytes], content: str, start_response: StartResponse
) -> Iterable[bytes]:
    _, first_content, body = kept
    status = "200 OK"
    if content != first_content:
        status = "400 Bad Request"
        body = (
            b'{"__type": "com.amazonaws.dynamodb.v20120810#IdempotentParameterMismatchException"}'
        )
    kind = ("Content-Type", "application/x-amz-json-1.0")
    start_response(status, [kind, ("Content-Length", str(len(body)))])
    return [body]
