"""The stack that histories share: its tables read at one moment, its time, its way to rest."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from moto.dynamodb.models import dynamodb_backends
from moto.dynamodb.models.dynamo_type import DynamoType

from local.stack import Stack
from showreel.core.attributes import decode_item
from showreel.films.pipeline.kind import FILMS
from showreel.graphs.runs.kind import GRAPHS
from showreel.storyboards.batch.kind import BATCHES
from showreel.storyboards.gen_shots.kind import SHOTS
from tests.chaos.histories.record import Balance, Row
from tests.support.http import call

TICK_SECONDS = 0.25
PACE, IDLE_PACE = 2.0, 16.0
"""By how much the stack's time is faster than ours while users are there, and while no step runs:
steps have time-outs, and the processor is no faster than it is.
"""
SWEEP_SECONDS = 60.0
BOUND_SECONDS = 3 * 3600.0
"""Everything has ended by then: the limit of the longest film, a vendor's, and the sweeps'."""


WEEK_SECONDS = 8 * 86_400.0
"""Longer than the clean-up leaves objects alone."""
KINDS = (FILMS, SHOTS, BATCHES, GRAPHS)
NAMING = ("JOBS_TABLE", "STUDIO_TABLE", "RUNS_TABLE")
OF_OBJECTS = ("asset#", "cleanup")
"""Rows that are about an object by itself."""
EXPIRING = ("work/", "audio/builtin-")
"""What the bucket expires, and what comes with the product."""


class Ground:
    """A running stack, and what tests do with all of it."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self._backend: Any = dynamodb_backends[stack.settings.account][stack.settings.region]

    def rows(self, variable: str, partition: str | None = None) -> list[Row]:
        """Returns a table's rows, or a partition's, as they are at one moment."""
        with self.stack.aws.locks["dynamodb"]:
            return self._rows(variable, partition)

    def _rows(self, variable: str, partition: str | None) -> list[Row]:
        items = self._backend.tables[self.stack.variable(variable)].items
        key = DynamoType({"S": partition})
        groups = list(items.values()) if partition is None else [items.get(key, {})]
        return [
            decode_item(item.to_json()["Attributes"]) for group in groups for item in group.values()
        ]

    def balance(self, workspace_id: str) -> Balance:
        """Returns a workspace's money at one moment."""
        rows = {row["sk"]: row for row in self.rows("CREDITS_TABLE", workspace_id)}
        account = rows.get("account", {"balance": 0, "available": 0})
        return Balance(
            balance=account["balance"],
            available=account["available"],
            entries=sum(row["amount"] for sk, row in rows.items() if sk.startswith("entry#")),
            open_holds=sum(
                row["remaining"]
                for sk, row in rows.items()
                if sk.startswith("hold#") and row["status"] == "open"
            ),
        )

    def objects(self) -> set[str]:
        """Returns the keys of the media bucket."""
        pages = self.stack.clients.s3.get_paginator("list_objects_v2")
        found = pages.paginate(Bucket=self.stack.variable("MEDIA_BUCKET"))
        return {item["Key"] for page in found for item in page.get("Contents", [])}

    def tasks(self) -> list[Row]:
        """Returns what vendors accepted."""
        return list(call("GET", f"{self.stack.providers_url}/_sim/tasks")[1]["tasks"])

    @contextmanager
    def passing(self) -> Iterator[None]:
        """Lets the time pass faster, with a sweep every minute of it."""
        stop = threading.Event()

        def tick() -> None:
            passed = 0.0
            while not stop.wait(TICK_SECONDS):
                pace = PACE if self.stack.functions.runs_tasks() else IDLE_PACE
                self.stack.move_clock(TICK_SECONDS * (pace - 1))
                passed += TICK_SECONDS * pace
                if passed >= SWEEP_SECONDS:
                    passed = 0.0
                    self.stack.functions.invoke_later("every_minute", b"{}")

        thread = threading.Thread(target=tick, daemon=True)
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()

    def heal(self) -> None:
        """Ends every fault, of ours and of vendors."""
        self.stack.faults.clear()
        call("DELETE", f"{self.stack.providers_url}/_sim/faults")

    def settle(self, workspaces: set[str], bound_seconds: float = BOUND_SECONDS) -> bool:
        """Moves the time, minute by minute, until all of these workspaces' work has ended; False
        if it doesn't.
        """
        self.heal()
        passed = 0.0
        while passed < bound_seconds:
            self.rest()
            if not self._is_unfinished(workspaces):
                return True
            self.stack.move_clock(SWEEP_SECONDS)
            passed += SWEEP_SECONDS
            self.rest()
            self.stack.functions.invoke("every_minute", b"{}")
        return False

    def rest(self, seconds: float = 20.0) -> None:
        """Waits until no function runs, and none has for a moment."""
        quiet, deadline = 0, time.monotonic() + seconds
        while quiet < 3 and time.monotonic() < deadline:
            quiet = 0 if self.stack.functions.is_busy() else quiet + 1
            time.sleep(0.05)

    def strays(self) -> list[str]:
        """Returns what no row names though the daily clean-up came, a week after all has ended."""
        self.stack.move_clock(WEEK_SECONDS)
        self.stack.invoke("every_day", {})
        rows = [row for name in NAMING for row in self.rows(name)]
        named = json.dumps(
            [row for row in rows if not row["pk"].startswith(OF_OBJECTS)], default=str
        )
        kept = (key for key in self.objects() if not key.startswith(EXPIRING))
        return sorted(key for key in kept if key not in named)

    def _is_unfinished(self, workspaces: set[str]) -> bool:
        """Whether a job, run or hold has no end yet, or a run that is over still has its place: its
        step may be tried again, or the sweep frees it.
        """
        with self.stack.aws.locks["dynamodb"]:
            jobs = self._attributes("JOBS_TABLE", "provider", workspaces)
            runs = self._attributes("RUNS_TABLE", "deadline_at", workspaces)
            waits = any("settled_at" not in job for job in jobs)
            waits = waits or any("finished_at" not in run for run in runs)
            waits = waits or any(map(self._keeps_place, workspaces))
        return waits or any(self.balance(name).open_holds for name in workspaces)

    def _keeps_place(self, workspace_id: str) -> bool:
        queues = (f"queue#{kind.name}#{workspace_id}" for kind in KINDS)
        rows = (row for queue in queues for row in self._rows("RUNS_TABLE", queue))
        return any(row.get("waiting") or row.get("running") for row in rows)

    def _attributes(
        self, variable: str, having: str, workspaces: set[str]
    ) -> Iterator[dict[str, Any]]:
        """Yields the rows of these workspaces that have an attribute; values as DynamoDB's."""
        table = self._backend.tables[self.stack.variable(variable)]
        for group in table.items.values():
            for item in group.values():
                owner = item.attrs.get("workspace_id")
                if having in item.attrs and owner is not None and owner.value in workspaces:
                    yield {k: v for k, v in item.attrs.items() if v.type != "NULL"}
