"""What reading an account or a list costs when there is little of it, and when there is much.

A workspace gets one of everything through the API; its rows are then copied in the tables, behind
DynamoDB's API. Each request is metered by DynamoDB's documented rules (`local/metering`), three
pages of a list. Exits with 1 if a request reads more with many rows than with few.

The stack's tables search row by row, and a request has 29 s: with 100,000 rows it takes two minutes
on two cores, and a machine that is much busier may be too slow.
"""

import json
import os
import re
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
from moto.dynamodb.models import dynamodb_backends
from moto.dynamodb.models.dynamo_type import DynamoType, Item

from local.demo.photos import ROOMS_FOLDER, find
from local.demo.studio_client import StudioClient
from local.metering.tables import READS, WRITES
from local.settings import StackSettings
from local.stack import Stack

FEW, MANY = 10, int(os.environ.get("ROWS") or 100_000)
PAGES, LIMIT = 3, 3
CREDITS = 500
SFX = "/functions/v1/elevenlabs-sfx"
LISTED = {
    "JOBS": ("job",),
    "CREDITS": ("entry#", "hold#"),
    "STUDIO": ("project",),
    "RUNS": ("run",),
}
"""The rows that a list could read, by the start of their sort key."""
SUFFIX = 6
"""How many characters of an id distinguish a copy from its original."""


@dataclass(frozen=True)
class Reading:
    """A request, and the function that answers it."""

    path: str
    function: str
    is_paged: bool = True

    @property
    def name(self) -> str:
        """The path without an id."""
        return re.sub(r"run_\w+", "{runId}", self.path)


@dataclass(frozen=True)
class Units:
    """Request units of DynamoDB."""

    read: float
    written: float


class Library:
    """A workspace on a metered stack."""

    def __init__(self, stack: Stack) -> None:
        assert stack.meter is not None  # noqa: S101  # the stack was started with it
        self.stack, self.meter = stack, stack.meter
        answer = httpx.post(f"{stack.aws_endpoint}/_local/workspaces", json={"credits": CREDITS})
        tenant = answer.raise_for_status().json()
        self.workspace_id = tenant["workspace_id"]
        self.client = StudioClient(stack.base_url, tenant["token"], self.workspace_id)
        self.ids = dict(self._made())

    def _made(self) -> Iterator[tuple[str, str]]:
        """Makes one of everything; yields the tables with what to copy in each."""
        workspace = {"workspaceId": self.workspace_id}
        order = {"prompt": "Rain on a tin roof", "duration": 1, **workspace}
        sound = self.client.call("POST", SFX, order)["job_id"]
        clip = {"sourceImageUrl": self.client.upload(find(ROOMS_FOLDER)[0]), "roomType": "kitchen"}
        wish = {"name": "Home", "clips": [clip], **workspace}
        project = self.client.call("POST", "/api/video-projects", wish)["id"]
        run = self.client.call("POST", "/api/trigger-video", {"videoProjectId": project})["runId"]
        self.client.call("POST", f"/api/runs/{run}/cancel")
        until = time.monotonic() + 60
        while self.client.run(run)["finishedAt"] is None and time.monotonic() < until:
            time.sleep(0.2)
        yield from {"JOBS": sound, "CREDITS": sound, "STUDIO": project, "RUNS": run}.items()

    def grow(self, rows: int) -> None:
        """Copies the rows of each thing so often."""
        backend: Any = dynamodb_backends[self.stack.settings.account][self.stack.settings.region]
        with self.stack.aws.locks["dynamodb"]:
            for name, id_ in self.ids.items():
                table = backend.tables[self.stack.variable(f"{name}_TABLE")]
                items = [item.to_json()["Attributes"] for item in table.all_items()]
                listed = [item for item in items if item["sk"]["S"].startswith(LISTED[name])]
                of_it = [item for item in listed if id_ in json.dumps(item)]
                assert of_it, name  # noqa: S101  # nothing would be measured
                for item in of_it:
                    _copy(table, item, id_, rows)

    def readings(self) -> list[Reading]:
        """Everything that a history could make dearer."""
        return [
            Reading("/api/credits", "credits", is_paged=False),
            Reading("/api/credits/ledger", "credits"),
            Reading("/api/video-projects", "video_projects"),
            Reading("/api/jobs", "jobs"),
            Reading(f"/api/runs/{self.ids['RUNS']}", "runs", is_paged=False),
        ]

    def units(self, reading: Reading) -> Units:
        """Returns what a request takes, or the first pages of a list."""
        before, cursor = self.meter.counts(), ""
        for _ in range(PAGES if reading.is_paged else 1):
            query = f"workspaceId={self.workspace_id}" + cursor
            query += f"&limit={LIMIT}" if reading.is_paged else ""
            answer = self.client.call("GET", f"{reading.path}?{query}")
            following = answer.get("nextCursor")
            cursor = f"&cursor={following}" if following else ""
        counters = (self.meter.counts() - before).counters
        took = (counters[metric, reading.function] for metric in (READS, WRITES))
        return Units(*took)


def _copy(table: Any, item: dict[str, Any], id_: str, times: int) -> None:
    """Adds the item under so many other ids. An attribute without the id is one object in all
    copies, since there are many.
    """
    named = {name: of for name, of in item.items() if id_ in json.dumps(of)}
    original, text = table.items[DynamoType(item["pk"])][DynamoType(item["sk"])], json.dumps(named)
    others = [(name, original.attrs[name]) for name in item.keys() - named.keys()]
    for number in range(times):
        changed = json.loads(text.replace(id_, f"{id_[:-SUFFIX]}{number:0{SUFFIX}}"))
        keys = tuple(DynamoType(changed.get(name, item[name])) for name in ("pk", "sk"))
        copy = Item(*keys, changed)
        for name, of in others:
            dict.__setitem__(copy.attrs, name, of)
        table.items[keys[0]][keys[1]] = copy


def main() -> int:
    """Entry point. Returns the exit status."""
    with Stack(StackSettings(generation_seconds=0.2, meter=True)) as stack:
        library = Library(stack)
        library.grow(FEW)
        few = [library.units(reading) for reading in library.readings()]
        library.grow(MANY)
        many = [library.units(reading) for reading in library.readings()]
        print(f"{'read units':40}{FEW:>10,}{MANY:>12,} rows")
        for reading, before, after in zip(library.readings(), few, many, strict=True):
            pages = f", {PAGES} pages" if reading.is_paged else ""
            print(f"{reading.name + pages:40}{before.read:>10}{after.read:>12}")
    return 0 if few == many else 1


if __name__ == "__main__":
    sys.exit(main())
