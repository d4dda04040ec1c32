"""A thin table over DynamoDB's client: plain Python values, typed errors, nothing hidden.

Conditions are written as DynamoDB writes them; `names` (`#x`) and `values` (`:x`) are passed in the
same call. Every read is strongly consistent unless it goes through an index.
"""

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import Any, TypedDict, Unpack

from showreel.core.attributes import decode_item, encode, encode_item
from showreel.core.aws import client
from showreel.core.backoff import jittered
from showreel.core.errors import ConditionFailed, Transient

Item = dict[str, Any]
TRANSIENT_CODES = frozenset(
    {
        "ProvisionedThroughputExceededException",
        "ThrottlingException",
        "Throttling",
        "ThrottledException",
        "TooManyRequestsException",
        "RequestLimitExceeded",
        "InternalServerError",
        "ServiceUnavailable",
        "TransactionInProgressException",
        "TransactionConflictException",
    }
)
OUR_FAULTS = frozenset({"ValidationError", "ItemCollectionSizeLimitExceeded"})
"""Reasons for a cancelled transaction that retrying can't help."""


@dataclass(frozen=True)
class Write:
    """One part of a transaction: `kind` is Put, Update, Delete or ConditionCheck."""

    kind: str
    table: str
    request: Mapping[str, Any] = field(default_factory=dict)


class ExpressionAttributes(TypedDict, total=False):
    """What `#x` and `:x` stand for in the expressions of a request."""

    names: Mapping[str, str] | None
    values: Mapping[str, Any] | None


class Only(ExpressionAttributes, total=False):
    """A write's condition, with the names and values of its expressions."""

    condition: str | None


def _expressions(
    condition: str | None,
    names: Mapping[str, str] | None = None,
    values: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    request: dict[str, Any] = {}
    if condition:
        request["ConditionExpression"] = condition
    if names:
        request["ExpressionAttributeNames"] = dict(names)
    if values:
        request["ExpressionAttributeValues"] = {k: encode(v) for k, v in values.items()}
    return request


def _translate(error: Any) -> Exception:
    code = error.response["Error"]["Code"]
    if code == "ConditionalCheckFailedException":
        return ConditionFailed("a conditional write lost")
    if code == "TransactionCanceledException":
        reasons = tuple(
            r.get("Code", "None") for r in error.response.get("CancellationReasons", [])
        )
        if "ConditionalCheckFailed" in reasons:
            return ConditionFailed("a conditional transaction lost", reasons=reasons)
        if not OUR_FAULTS.isdisjoint(reasons):
            return error if isinstance(error, Exception) else RuntimeError(code)
        return Transient(f"transaction cancelled: {','.join(reasons)}")
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    if code in TRANSIENT_CODES or status >= 500:
        return Transient(f"DynamoDB: {code}")
    return error if isinstance(error, Exception) else RuntimeError(code)


def _call(operation: str, **request: Any) -> Any:
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        return getattr(client("dynamodb"), operation)(**request)
    except ClientError as error:
        raise _translate(error) from error
    except BotoCoreError as error:
        raise Transient(f"DynamoDB: {type(error).__name__}") from error


class Table:
    """One table, keyed by `pk` and `sk`."""

    def __init__(self, name: str) -> None:
        self.name = name

    def get(self, pk: str, sk: str) -> Item | None:
        """Returns the row, read consistently, or None."""
        key = encode_item({"pk": pk, "sk": sk})
        answer = _call("get_item", TableName=self.name, Key=key, ConsistentRead=True)
        return decode_item(answer["Item"]) if "Item" in answer else None

    def has(self, pk: str, sk: str) -> bool:
        """Returns whether the row exists, read consistently without its attributes."""
        key = encode_item({"pk": pk, "sk": sk})
        answer = _call(
            "get_item",
            TableName=self.name,
            Key=key,
            ConsistentRead=True,
            ProjectionExpression="pk",
        )
        return "Item" in answer

    def get_many(self, keys: Iterable[tuple[str, str]]) -> Iterator[Item]:
        """Yields the rows that exist, read consistently, in no order.

        Raises Transient if DynamoDB keeps throttling.
        """
        missing = [encode_item({"pk": pk, "sk": sk}) for pk, sk in keys]
        pauses = islice(jittered(0.05, longest=2.0), CONFLICT_RETRIES)
        while missing:
            page, missing = missing[:GET_BATCH], missing[GET_BATCH:]
            request = {self.name: {"Keys": page, "ConsistentRead": True}}
            answer = _call("batch_get_item", RequestItems=request)
            yield from map(decode_item, answer["Responses"].get(self.name, []))
            left = answer.get("UnprocessedKeys", {}).get(self.name, {}).get("Keys", [])
            if left:
                missing += left
                time.sleep(_next_pause(pauses))

    def put(self, item: Mapping[str, Any], **only: Unpack[Only]) -> None:
        """Writes a whole row. Raises ConditionFailed."""
        _call("put_item", **self.put_write(item, **only).request)

    def update(self, pk: str, sk: str, update: str, **only: Unpack[Only]) -> Item:
        """Updates a row and returns its new state. Raises ConditionFailed."""
        return self.apply(self.update_write(pk, sk, update, **only))

    def apply(self, write: Write) -> Item:
        """Executes an `update_write`; returns the row's new state. Raises ConditionFailed."""
        answer = _call("update_item", **write.request, ReturnValues="ALL_NEW")
        return decode_item(answer["Attributes"])

    def delete(self, pk: str, sk: str, **only: Unpack[Only]) -> None:
        """Removes a row. Raises ConditionFailed."""
        _call("delete_item", **self.delete_write(pk, sk, **only).request)

    def query(
        self,
        key: str,
        *,
        values: Mapping[str, Any],
        names: Mapping[str, str] | None = None,
        index: str | None = None,
        limit: int | None = None,
        start: Item | None = None,
        backwards: bool = False,
        is_consistent: bool | None = None,
    ) -> tuple[list[Item], Item | None]:
        """Returns one page: the rows and where the next page starts (None at the end).

        Consistent by default except on an index; of those, only local ones can be read so.
        """
        request: dict[str, Any] = _expressions(None, names, values)
        request |= {"KeyConditionExpression": key, "ScanIndexForward": not backwards}
        request |= {"IndexName": index} if index else {}
        request |= {"ConsistentRead": not index if is_consistent is None else is_consistent}
        request |= {"Limit": limit} if limit else {}
        request |= {"ExclusiveStartKey": encode_item(start)} if start else {}
        answer = _call("query", TableName=self.name, **request)
        last = answer.get("LastEvaluatedKey")
        return [decode_item(i) for i in answer["Items"]], decode_item(last) if last else None

    def query_all(self, key: str, *, start: Item | None = None, **options: Any) -> Iterator[Item]:
        """Yields every row of a key condition from `start` on, page after page."""
        while True:
            items, start = self.query(key, start=start, **options)
            yield from items
            if start is None:
                return

    def put_write(
        self,
        item: Mapping[str, Any],
        condition: str | None = None,
        **terms: Unpack[ExpressionAttributes],
    ) -> Write:
        """Returns `put` as a part of a transaction."""
        request = {"TableName": self.name, "Item": encode_item(item)}
        return Write("Put", self.name, request | _expressions(condition, **terms))

    def update_write(
        self,
        pk: str,
        sk: str,
        update: str,
        condition: str | None = None,
        **terms: Unpack[ExpressionAttributes],
    ) -> Write:
        """Returns `update` as a part of a transaction."""
        request = {
            "TableName": self.name,
            "Key": encode_item({"pk": pk, "sk": sk}),
            "UpdateExpression": update,
        }
        return Write("Update", self.name, request | _expressions(condition, **terms))

    def set_write(
        self,
        pk: str,
        sk: str,
        changes: Mapping[str, Any],
        *,
        add: Mapping[str, Any] | None = None,
        once: Mapping[str, Any] | None = None,
        **only: Unpack[Only],
    ) -> Write:
        """Returns an update that sets `changes` (None removes), adds `add` to numbers and sets, and
        sets `once` only where there is no value yet. Names with dots are paths into existing maps.
        """
        update, names, values = assignments(changes, add or {}, once or {})
        only["names"] = names | dict(only.get("names") or {})
        only["values"] = values | dict(only.get("values") or {})
        return self.update_write(pk, sk, update, **only)

    def delete_write(
        self, pk: str, sk: str, condition: str | None = None, **terms: Unpack[ExpressionAttributes]
    ) -> Write:
        """Returns `delete` as a part of a transaction."""
        request = {"TableName": self.name, "Key": encode_item({"pk": pk, "sk": sk})}
        return Write("Delete", self.name, request | _expressions(condition, **terms))

    def check_write(
        self, pk: str, sk: str, condition: str, **terms: Unpack[ExpressionAttributes]
    ) -> Write:
        """Returns a part of a transaction that only requires `condition` to hold."""
        request = {"TableName": self.name, "Key": encode_item({"pk": pk, "sk": sk})}
        return Write("ConditionCheck", self.name, request | _expressions(condition, **terms))


def assignments(
    changes: Mapping[str, Any], add: Mapping[str, Any], once: Mapping[str, Any]
) -> tuple[str, dict[str, str], dict[str, Any]]:
    """Returns the update expression of `set_write`, with its names and values.

    DynamoDB's ADD takes no paths, so adding within a map is a SET of the sum.
    """
    changed = (
        ("SET {0} = {1}" if of is not None else "REMOVE {0}", name, of)
        for name, of in changes.items()
    )
    added = (
        ("SET {0} = {0} + {1}" if "." in name else "ADD {0} {1}", name, of)
        for name, of in add.items()
    )
    first = (("SET {0} = if_not_exists({0}, {1})", name, of) for name, of in once.items())
    names: dict[str, str] = {}
    values: dict[str, Any] = {}
    terms: dict[str, list[str]] = {"SET": [], "REMOVE": [], "ADD": []}
    for place, (form, name, value) in enumerate(chain(changed, added, first)):
        path = {f"#a{place}{'_' * depth}": part for depth, part in enumerate(name.split("."))}
        names |= path
        values |= {} if value is None else {f":a{place}": value}
        verb, term = form.format(".".join(path), f":a{place}").split(" ", 1)
        terms[verb].append(term)
    expression = " ".join(f"{verb} {', '.join(of)}" for verb, of in terms.items() if of)
    return expression, names, values


CONFLICT_RETRIES = 7
GET_BATCH = 100


def _next_pause(pauses: Iterator[float]) -> float:
    for pause in pauses:
        return pause
    raise Transient("DynamoDB leaves rows unread again and again")


def transact(writes: Sequence[Write]) -> None:
    """Writes all or nothing. Raises ConditionFailed with one reason per write, or Transient.

    Conflicts with other transactions write nothing; they are retried here, with full jitter.
    """
    items = [{write.kind: dict(write.request)} for write in writes]
    for pause in islice(jittered(0.02, longest=2.0), CONFLICT_RETRIES):
        try:
            _call("transact_write_items", TransactItems=items)
        except Transient:
            time.sleep(pause)
        else:
            return
    _call("transact_write_items", TransactItems=items)
