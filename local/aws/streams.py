"""DynamoDB's streams: what was written to a table, in its order, for whoever listens.

moto keeps every write of a table with a stream for good, also those of a transaction that it undoes
then. Here a write is sent to its listeners only, and undone with its transaction. Who reads holds
the lock of DynamoDB, so a transaction is seen whole or not at all.
"""

import functools
import itertools
import json
from collections import deque
from collections.abc import Mapping, Sequence
from typing import Any

from moto.dynamodb.models.table import StreamShard
from moto.events.models import EventPattern

from local import clock
from local.aws.mending import replace

Record = dict[str, Any]
_listeners: dict[tuple[str, str], list["Listener"]] = {}
_numbers = itertools.count(1)


class Listener:
    """The records of one table that match one of several filters (none: all of them)."""

    def __init__(self, arn: str, region: str, filters: Sequence[Mapping[str, Any]]) -> None:
        self.arn = arn
        self.region = region
        self.filters = filters
        self.records: deque[Record] = deque()
        self.came = clock.Event()

    def hear(self, shard: Any, old: Any, new: Any) -> None:
        """Keeps a write, if it matches."""
        if self.filters and not any(self._matches(one, old, new) for one in self.filters):
            return
        view = str(shard.table.stream_specification["StreamViewType"])
        images = {
            "OldImage": _image(old) if view in {"OLD_IMAGE", "NEW_AND_OLD_IMAGES"} else None,
            "NewImage": _image(new) if view in {"NEW_IMAGE", "NEW_AND_OLD_IMAGES"} else None,
        }
        keys = {name: (new or old).attrs[name].to_json() for name in _keys(shard.table)}
        number = next(_numbers)
        shown = {name: image for name, image in images.items() if image is not None}
        self.records.append(
            {
                "eventID": f"{number:032x}",
                "eventName": _event_name(old, new),
                "eventVersion": "1.1",
                "eventSource": "aws:dynamodb",
                "awsRegion": self.region,
                "dynamodb": {
                    "ApproximateCreationDateTime": int(clock.time()),
                    "Keys": keys,
                    **shown,
                    "SequenceNumber": f"{number:021d}",
                    "SizeBytes": len(json.dumps(shown)),
                    "StreamViewType": view,
                },
                "eventSourceARN": self.arn,
            }
        )
        self.came.set()

    def _matches(self, pattern: Mapping[str, Any], old: Any, new: Any) -> bool:
        """Looks only at the attributes that the pattern names: others needn't be written out."""
        wanted = pattern.get("dynamodb", {})
        shown = {
            image: {name: item.attrs[name].to_json() for name in of if name in item.attrs}
            for image, item in (("OldImage", old), ("NewImage", new))
            if (of := wanted.get(image, {})) and item is not None
        }
        event = {"eventName": _event_name(old, new), "dynamodb": shown}
        return bool(EventPattern(None, dict(pattern)).matches_event(event))  # type: ignore[arg-type]  # moto's TypedDict


def listen(account: str, table: str, listener: Listener) -> None:
    """Notifies the listener of every write from now on."""
    _listeners.setdefault((account, table), []).append(listener)


def forget(account: str) -> None:
    """Ends the listening to all tables of an account."""
    for key in [key for key in _listeners if key[0] == account]:
        del _listeners[key]


def marks() -> list[tuple[Listener, int]]:
    """Returns how much everybody has heard, at the start of a transaction."""
    return [(one, len(one.records)) for several in _listeners.values() for one in several]


def undo(before: Sequence[tuple[Listener, int]]) -> None:
    """Takes back what was sent since, because the transaction is undone."""
    for listener, count in before:
        while len(listener.records) > count:
            listener.records.pop()


@functools.cache
def mend() -> None:
    """Mends moto, once per process."""

    def add(self: Any, old: Any, new: Any) -> None:
        for listener in _listeners.get((self.account_id, self.table.name), ()):
            listener.hear(self, old, new)

    replace(StreamShard, add=add)


def _event_name(old: Any, new: Any) -> str:
    if old is None:
        return "INSERT"
    return "REMOVE" if new is None else "MODIFY"


def _image(item: Any) -> Any:
    return None if item is None else item.to_json()["Attributes"]


def _keys(table: Any) -> list[str]:
    return [name for name in (table.hash_key_attr, table.range_key_attr) if name is not None]
