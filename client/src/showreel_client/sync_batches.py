"""Batches of whole projects, synchronous. Every call raises GenerationError."""

from collections.abc import Callable, Iterator
from typing import TypeVar, cast

from showreel_client.batch_calls import BatchCalls
from showreel_client.batches import BatchPhase, BatchResult, BatchShot, QueuedBatch
from showreel_client.effects import Conversation
from showreel_client.sync_driver import SyncDriver

T = TypeVar("T")


class Batches:
    """Runs that make all pictures or videos of a project; the server goes on if nobody waits."""

    def __init__(self, calls: BatchCalls, driver: Callable[[], SyncDriver]) -> None:
        self._calls = calls
        self._driver = driver

    def start(
        self,
        project_id: str,
        phase: BatchPhase,
        *,
        image_model: str | None = None,
        video_model: str | None = None,
        request_id: str | None = None,
    ) -> QueuedBatch:
        """Begins a run for shots that aren't made or have failed, or finds the present one."""
        models = {"image_model": image_model, "video_model": video_model}
        return self._run(self._calls.queue(project_id, phase, models, request_id))

    def estimate(
        self,
        project_id: str,
        phase: BatchPhase,
        *,
        image_model: str | None = None,
        video_model: str | None = None,
    ) -> QueuedBatch:
        """Returns what a run would make and cost, without beginning one."""
        models = {"image_model": image_model, "video_model": video_model}
        return self._run(self._calls.queue(project_id, phase, models, None, dry_run=True))

    def follow(self, run_id: str) -> Iterator[BatchShot]:
        """Yields each shot of a run when it is over, from the first one on, until the run is.

        Reconnects by itself. Closing the iterator doesn't stop the run.
        """
        return cast("Iterator[BatchShot]", self._driver().steps(self._calls.follow(run_id)))

    def get(self, run_id: str) -> BatchResult:
        """Reads a run with all its shots."""
        return self._run(self._calls.result(run_id))

    def _run(self, conversation: Conversation[T]) -> T:
        return self._driver().run(conversation)
