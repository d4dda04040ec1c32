"""Lanes: so many jobs at once, the others wait their turn. A film's pieces share one.

    pk = lane#<name>  sk = job    who has a place and who waits, changed by compare-and-set

A place is the vendor's: it is given on as soon as the vendor has ended its task, while we still
download, check and settle. A job that comes back has another place, by another name (`Job.place`);
where this file says job id, it is that name.

When the vendor throttles one of the jobs, only half as many have a place: the job that was refused
gives its own back if there are more. Each time that as many jobs as may be there have left, one
more is let in, up to the limit.

A change that is repeated, because its reply or its process was lost, names again whose executions
its first run was to start; starting one twice does nothing.
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
"""How long after its last change a lane's row stays: longer than any of its jobs takes."""


class Waiting(BaseModel, defer_build=True):
    """A job without a place; the lowest `order` is next, the first to come among equals."""

    job_id: str
    order: int


class LaneState(BaseModel, defer_build=True):
    """Who has a place, in the order of their coming, and who waits. Every method gives a copy."""

    version: int = 0
    limit: int = 0
    """How many jobs may have a place at once."""
    running: list[str] = []
    waiting: list[Waiting] = []
    is_closed: bool = False
    """Nobody gets a place any more: the work that the jobs are for is over."""
    slowed_to: int | None = None
    """How many may have a place since the vendor throttled, if that is fewer than `limit`."""
    slowed_at: int = 0
    """When it was last halved, in seconds since 1970."""
    left_since: int = 0
    """How many have left since `slowed_to` changed."""

    @property
    def places(self) -> int:
        """How many jobs may have a place now."""
        return self.slowed_to or self.limit

    @property
    def is_crowded(self) -> bool:
        """Whether more have a place than may have one."""
        return len(self.running) > self.places

    def entered(self, lane: Lane, job_id: str) -> Self:
        """With the job in it, once; the limit is what the last to come says. A job that comes back
        has given its earlier place up.
        """
        known = {*self.running, *(one.job_id for one in self.waiting)}
        if self.is_closed or (job_id in known and self.limit == lane.limit):
            return self
        running = [one for one in self.running if not _is_earlier(one, job_id)]
        new = [] if job_id in known else [Waiting(job_id=job_id, order=lane.order)]
        return self._admitted(lane.limit, running, [*self.waiting, *new])

    def left(self, job_ids: Collection[str]) -> Self:
        """Without these jobs, whose places go to those who wait."""
        running = [one for one in self.running if one not in job_ids]
        waiting = [one for one in self.waiting if one.job_id not in job_ids]
        gone = len(self.running) - len(running)
        return self._admitted(self.limit, running, waiting, gone)

    def slowed(self, sent_at: int, now: int) -> Self:
        """With half the places, after the vendor refused a create of `sent_at` as one too many.
        Creates that were on their way together count once; repeating it changes nothing.
        """
        if sent_at <= self.slowed_at:
            return self
        half = {"slowed_to": max(1, self.places // 2), "slowed_at": now, "left_since": 0}
        return self.model_copy(update=half)

    def closed(self) -> Self:
        """For good; who waited is out, who has a place keeps it."""
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
        """Returns `slowed_to` and `left_since` after `gone` jobs have left: a place more each time
        that as many have as may be there.
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
        """Returns the lane as it is."""
        return LaneState.model_validate(self._table.get(_pk(name), SORT_KEY) or {})

    def enter(self, lane: Lane, job_id: str) -> list[str]:
        """Puts the job in; returns whose executions are to be started: its own, now or again, if
        it has a place, and those that a higher limit lets in. Raises Transient.
        """
        before, after = self._change(lane.name, lambda state: state.entered(lane, job_id))
        own = {job_id} if job_id in after.running else set()
        return sorted(own | _newcomers(before, after))

    def leave(self, name: str, job_ids: Collection[str]) -> list[str]:
        """Takes jobs out, with a place or waiting; returns whose executions are to be started.

        If they had left before, those are all that have a place. Raises Transient.
        """
        before, after = self._change(name, lambda state: state.left(job_ids))
        if before == after:
            return [] if after.is_closed else after.running
        return sorted(_newcomers(before, after))

    def slow(self, name: str, sent_at: int) -> bool:
        """Halves the places, as `LaneState.slowed`; returns whether more jobs have one than may.
        Raises Transient.
        """
        _, after = self._change(name, lambda state: state.slowed(sent_at, now_seconds()))
        return after.is_crowded

    def close(self, name: str) -> None:
        """Lets nobody in any more. Raises Transient."""
        self._change(name, LaneState.closed)

    def _change(
        self, name: str, change: Callable[[LaneState], LaneState]
    ) -> tuple[LaneState, LaneState]:
        """Changes the lane; returns it before and after. What changes nothing isn't written."""
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
    """Returns whether two names are of one job's places."""
    return place != other and execution_job_id(place) == execution_job_id(other)


def _newcomers(before: LaneState, after: LaneState) -> set[str]:
    return set(after.running) - set(before.running)
