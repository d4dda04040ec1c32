"""Lanes: limit how many jobs are at a vendor at once; the others wait. A film's pieces share one.

    pk = lane#<name>  sk = job    the jobs that have a place or wait, changed by compare-and-set

A place is one at the vendor: the next job gets it as soon as the vendor has ended the task, while
we still download, check and settle. A job that comes back gets another place with another name
(`Job.place`); in this file `job_id` is that name.

When the vendor throttles a job, the number of places is halved: the refused job gives its own back
if more jobs have one. Each time that as many jobs have left as there are places, there is one place
more, up to the limit.

A change that is repeated, because its reply or its process was lost, returns the same executions to
start again; starting one twice does nothing.
"""

from collections.abc import Callable, Collection
from typing import Self

from pydantic import BaseModel

from showreel.core.clock import now_seconds
from showreel.core.dynamo import Item, Table
from showreel.core.errors import ConditionFailed, Transient
from showreel.generation.models import Lane, execution_job_id

SORT_KEY = "job"
ATTEMPTS = 30
KEEP_SECONDS = 7 * 24 * 3600
"""How long a lane's row outlives its last change: longer than any of its jobs takes."""


class Waiting(BaseModel, defer_build=True):
    """A job without a place; the lowest `order` is next, the first to come among equals."""

    job_id: str
    order: int


class LaneState(BaseModel, defer_build=True):
    """The jobs that have a place, oldest first, and those that wait. Methods return a copy."""

    version: int = 0
    limit: int = 0
    """How many jobs may have a place at once."""
    running: list[str] = []
    waiting: list[Waiting] = []
    is_closed: bool = False
    """No job gets a place any more: the run that they are for is over."""
    slowed_to: int | None = None
    """The number of places since the vendor throttled, if it is below `limit`."""
    slowed_at: int = 0
    """When it was last halved, in seconds since 1970."""
    left_since: int = 0
    """How many jobs have left since `slowed_to` changed."""

    @property
    def places(self) -> int:
        """How many jobs may have a place now."""
        return self.slowed_to or self.limit

    @property
    def is_crowded(self) -> bool:
        """Whether more jobs have a place than there are places."""
        return len(self.running) > self.places

    def entered(self, lane: Lane, job_id: str) -> Self:
        """Returns the lane with the job in it, once, and its limit. A job that comes back loses its
        earlier place.
        """
        known = {*self.running, *(one.job_id for one in self.waiting)}
        if self.is_closed or (job_id in known and self.limit == lane.limit):
            return self
        running = [one for one in self.running if not _is_earlier(one, job_id)]
        new = [] if job_id in known else [Waiting(job_id=job_id, order=lane.order)]
        return self._admitted(lane.limit, running, [*self.waiting, *new])

    def left(self, job_ids: Collection[str]) -> Self:
        """Returns the lane without these jobs, whose places go to those that wait."""
        running = [one for one in self.running if one not in job_ids]
        waiting = [one for one in self.waiting if one.job_id not in job_ids]
        gone = len(self.running) - len(running)
        return self._admitted(self.limit, running, waiting, gone)

    def slowed(self, sent_at: int, now: int) -> Self:
        """Returns the lane with half the places, after the vendor throttled a create of `sent_at`.
        Creates that were sent before the last halving don't count, so repeating it changes nothing.
        """
        if sent_at <= self.slowed_at:
            return self
        half = {"slowed_to": max(1, self.places // 2), "slowed_at": now, "left_since": 0}
        return self.model_copy(update=half)

    def closed(self) -> Self:
        """Returns the lane closed for good: waiting jobs are out, the others keep their places."""
        return self.model_copy(update={"waiting": [], "is_closed": True})

    def _admitted(
        self, limit: int, running: list[str], waiting: list[Waiting], gone: int = 0
    ) -> Self:
        slowed_to, left_since = self._quickened(limit, gone)
        queue = sorted(waiting, key=lambda one: one.order)
        free = max(0, (slowed_to or limit) - len(running))
        return self.model_copy(
            update={
                "limit": limit,
                "running": [*running, *(one.job_id for one in queue[:free])],
                "waiting": queue[free:],
                "slowed_to": slowed_to,
                "left_since": left_since,
            }
        )

    def _quickened(self, limit: int, gone: int) -> tuple[int | None, int]:
        """Returns `slowed_to` and `left_since` after `gone` jobs have left: one place more whenever
        as many have left as there are places.
        """
        places, left = self.slowed_to, self.left_since + gone
        while places is not None and left >= places:
            left, places = left - places, places + 1
        return (None, 0) if places is None or places >= limit else (places, left)


class Lanes:
    """The lanes' rows in the Jobs table."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def state(self, name: str) -> LaneState:
        """Returns the present state of a lane."""
        return LaneState.model_validate(self._table.get(_pk(name), SORT_KEY) or {})

    def enter(self, lane: Lane, job_id: str) -> list[str]:
        """Adds the job; returns the places whose executions are to be started: its own, perhaps
        again, if it has one, and those that a higher limit lets in. Raises Transient.
        """
        before, after = self._change(lane.name, lambda state: state.entered(lane, job_id))
        own = {job_id} if job_id in after.running else set()
        return sorted(own | _newcomers(before, after))

    def leave(self, name: str, job_ids: Collection[str]) -> list[str]:
        """Removes jobs, with a place or waiting; returns the places whose executions are to start.

        If the jobs had left before, these are all in the lane. Raises Transient.
        """
        before, after = self._change(name, lambda state: state.left(job_ids))
        if before == after:
            return [] if after.is_closed else after.running
        return sorted(_newcomers(before, after))

    def slow(self, name: str, sent_at: int) -> bool:
        """Halves the places, as `LaneState.slowed`; returns whether more jobs have one than there
        are. Raises Transient.
        """
        _, after = self._change(name, lambda state: state.slowed(sent_at, now_seconds()))
        return after.is_crowded

    def close(self, name: str) -> None:
        """Closes a lane: no more jobs get a place. Raises Transient."""
        self._change(name, LaneState.closed)

    def _change(
        self, name: str, change: Callable[[LaneState], LaneState]
    ) -> tuple[LaneState, LaneState]:
        """Changes the lane, written only if it differs; returns it before and after."""
        for _ in range(ATTEMPTS):
            before = self.state(name)
            after = change(before)
            if after == before:
                return before, after
            try:
                return before, self._write(name, after)
            except ConditionFailed:
                continue
        raise Transient("the lane is being changed by too many others")

    def _write(self, name: str, state: LaneState) -> LaneState:
        """Writes the state under the next version: by an update, which every step's role may do."""
        new = state.model_copy(update={"version": state.version + 1})
        fields: Item = new.model_dump() | {"expires_at": now_seconds() + KEEP_SECONDS}
        write = self._table.set_write(
            _pk(name),
            SORT_KEY,
            fields,
            condition="attribute_not_exists(pk) OR #before = :before",
            names={"#before": "version"},
            values={":before": state.version},
        )
        self._table.apply(write)
        return new


def _pk(name: str) -> str:
    return f"lane#{name}"


def _is_earlier(place: str, other: str) -> bool:
    """Returns whether these are different places of one job."""
    return place != other and execution_job_id(place) == execution_job_id(other)


def _newcomers(before: LaneState, after: LaneState) -> set[str]:
    return set(after.running) - set(before.running)
