"""Counts DynamoDB's request units: looks at the items before and after each call."""

import io
import json
from collections.abc import Iterable, Iterator
from typing import Any

from moto.dynamodb.models import dynamodb_backends

from local.control.faults import carry_out
from local.metering.table_units import (
    INDEXING_BYTES,
    Index,
    Item,
    index_write_units,
    item_bytes,
    read_units,
    write_units,
)
from local.metering.tally import Tally
from local.server import App, Environ, StartResponse

READS, WRITES = "dynamodb read units", "dynamodb write units"
SINGLE_WRITES = frozenset({"PutItem", "UpdateItem", "DeleteItem"})
NARROWING = ("FilterExpression", "ProjectionExpression", "Select")
"""Parts of a query that make its answer smaller and not its price."""

Change = tuple[Any, str, Item, Item | None]
"""Table, kind of write, key and the item before it."""


class TableMeter:
    """Counts the calls of one account. Used under the lock of the tables."""

    def __init__(self, tally: Tally, account: str, region: str) -> None:
        self.tally = tally
        self._backend: Any = dynamodb_backends[account][region]

    def answer(
        self, app: App, operation: str, source: str | None, environ: Environ, start: StartResponse
    ) -> Iterable[bytes]:
        """Has a call carried out and counts it."""
        body = environ["wsgi.input"].read()
        environ["wsgi.input"] = io.BytesIO(body)
        request = json.loads(body)
        changes = list(self._changes(operation, request))
        reads = self._reads(app, operation, request, environ)
        environ["wsgi.input"] = io.BytesIO(body)
        status, headers, answer = carry_out(app, environ)
        if changes:
            self._count_writes(changes, source, doubled=operation == "TransactWriteItems")
        if reads:
            self.tally.add(READS, source, reads)
        start(status, headers)
        return [answer]

    def _changes(self, operation: str, request: Any) -> Iterator[Change]:
        """Yields every write that a request asks for, with the item as it is before."""
        if operation in SINGLE_WRITES:
            yield self._change(operation.removesuffix("Item"), request)
        elif operation == "TransactWriteItems":
            for entry in request["TransactItems"]:
                yield self._change(*next(iter(entry.items())))
        elif operation == "BatchWriteItem":
            for table, writes in request["RequestItems"].items():
                for write in writes:
                    kind, part = next(iter(write.items()))
                    yield self._change(kind.removesuffix("Request"), part | {"TableName": table})

    def _change(self, kind: str, part: Any) -> Change:
        table = self._backend.get_table(part["TableName"])
        key = part["Item"] if kind == "Put" else part["Key"]
        return table, kind, key, self._item(table, key)

    def _item(self, table: Any, key: Item) -> Item | None:
        found = table.get_item(*self._backend.get_keys_value(table, key))
        return found.to_json()["Attributes"] if found is not None else None

    def _count_writes(self, changes: list[Change], source: str | None, *, doubled: bool) -> None:
        """Transactions write every item twice, but its index entries once."""
        for table, kind, key, before in changes:
            after = before if kind == "ConditionCheck" else self._item(table, key)
            units = write_units(before, after) * (2 if doubled else 1)
            units += index_write_units(before, after, _indexes(table))
            self.tally.add(WRITES, source, units)

    def _reads(self, app: App, operation: str, request: Any, environ: Environ) -> float:
        """The units of a read, before it is carried out."""
        match operation:
            case "GetItem":
                return self._get_units(request["TableName"], request)
            case "BatchGetItem":
                return sum(
                    self._get_units(table, part | {"Key": key})
                    for table, part in request["RequestItems"].items()
                    for key in part["Keys"]
                )
            case "TransactGetItems":
                gets = [entry["Get"] for entry in request["TransactItems"]]
                return sum(self._get_units(get["TableName"], get, transaction=True) for get in gets)
            case "Query" | "Scan":
                items = self._looked_at(app, request, environ)
                return read_units(items, consistent=request.get("ConsistentRead", False))
        return 0

    def _get_units(self, table: str, part: Any, *, transaction: bool = False) -> float:
        found = self._item(self._backend.get_table(table), part["Key"])
        consistent = part.get("ConsistentRead", False)
        return read_units([found] if found else [], consistent=consistent, transaction=transaction)

    def _looked_at(self, app: App, request: Any, environ: Environ) -> list[Item]:
        """Returns the items that a query goes over: what it gives without filter and projection."""
        wide = {name: value for name, value in request.items() if name not in NARROWING}
        for names, mark in (("ExpressionAttributeNames", "#"), ("ExpressionAttributeValues", ":")):
            condition = str(wide.get("KeyConditionExpression", ""))
            used = {k: v for k, v in wide.pop(names, {}).items() if _uses(condition, k, mark)}
            wide |= {names: used} if used else {}
        body = json.dumps(wide).encode()
        asked = environ | {"wsgi.input": io.BytesIO(body), "CONTENT_LENGTH": str(len(body))}
        items: list[Item] = json.loads(carry_out(app, asked)[2]).get("Items", [])
        return items

    def stored_bytes(self) -> int:
        """Billed bytes of all tables with their indexes, as of now."""
        return sum(
            _stored(item.to_json()["Attributes"], _indexes(table))
            for table in self._backend.tables.values()
            for item in table.all_items()
        )


def _uses(condition: str, name: str, mark: str) -> bool:
    words = condition.replace("(", " ").replace(")", " ").replace(",", " ").replace("=", " ")
    return name.startswith(mark) and name in words.split()


def _indexes(table: Any) -> list[Index]:
    return [_index(one) for one in table.global_indexes]


def _index(one: Any) -> Index:
    keys = tuple(one.schema_key_attrs)
    if one.projection["ProjectionType"] == "ALL":
        return Index(keys)
    named = one.projection.get("NonKeyAttributes", [])
    return Index(keys, frozenset([*keys, *one.table_key_attrs, *named]))


def _stored(item: Item, indexes: list[Index]) -> int:
    copies = [item, *(index.entry(item) for index in indexes)]
    return sum(item_bytes(copy) + INDEXING_BYTES for copy in copies if copy is not None)
