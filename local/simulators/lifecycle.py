"""The life of a task: accepted, running, and then one end, on time or as a fault wants it."""

import logging
from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from dataclasses import dataclass, replace
from pathlib import Path

from local.simulators.config import SimulatorConfig
from local.simulators.faults import OUTCOMES, Fault, FaultBook
from local.simulators.pictures import PictureRefused
from local.simulators.rendering import Rendered, Rendering, RenderOrder
from local.simulators.request_log import now_ms
from local.simulators.results import Results
from local.simulators.scheduler import Scheduler
from local.simulators.signing import Signer
from local.simulators.tasks import Status, Task, TaskBook
from local.simulators.webhooks import FORGED_RESULT_URL, Webhooks

_log = logging.getLogger(__name__)

_QUEUE_SHARE = 0.1
_SLOW_SECONDS = 5.0
_LATE_SECONDS = 30.0


@dataclass(frozen=True)
class Voice:
    """How a vendor speaks of its tasks."""

    describe: Callable[[Task], dict[str, object]]
    failure_text: Callable[[str], str]
    webhook_secret: Callable[[], str | Signer | None]
    is_announced: Callable[[Task], bool] = lambda _: True
    """Whether the customer wants to hear of the task's present status."""
    retention_seconds: float | None = None
    """How long after its end a task's data is kept; None is for good."""
    refused_later: frozenset[str] = frozenset()
    """Refusals of a submission that this vendor only reports as a failure of the task."""


class Lifecycle:
    """Moves tasks on; every change is announced to the customer's webhook."""

    def __init__(
        self,
        config: SimulatorConfig,
        faults: FaultBook,
        scheduler: Scheduler,
        rendering: Rendering,
        results: Results,
        webhooks: Webhooks,
    ) -> None:
        self.tasks = TaskBook()
        self._config = config
        self._faults = faults
        self._scheduler = scheduler
        self._rendering = rendering
        self._results = results
        self._webhooks = webhooks
        self._voices: dict[str, Voice] = {}

    def introduce(self, provider: str, voice: Voice) -> None:
        """Learn how a vendor speaks of its tasks."""
        self._voices[provider] = voice

    def submit(self, task: Task, load: Callable[[], RenderOrder | Rendered]) -> None:
        """Accept a task and start its work. Raises DuplicateTask or TooManyTasks."""
        self.tasks.add(task, self._config.concurrency)
        for operation in ("submit", "poll"):
            self._suffer(task, operation)
        media = self._rendering.start(load)
        self._scheduler.after(
            self._config.generation_seconds * _QUEUE_SHARE, lambda: self._start(task)
        )
        self._scheduler.after(self._config.generation_seconds, lambda: self._finish(task, media))

    def cancel(self, task: Task) -> None:
        """Stop an open task for its customer; one that has ended stays as it is."""
        self._end(task, Status.CANCELED)

    def expire(self, task: Task, after_seconds: float) -> None:
        """Stop a task that is still open after that long; not begun, it costs nothing."""
        self._scheduler.after(after_seconds, lambda: self._expire(task))

    def is_removed(self, task: Task) -> bool:
        """Returns whether the vendor has deleted what the task was made of and what came of it."""
        kept_seconds = self._config.retention_seconds
        if kept_seconds is None:
            kept_seconds = self._voices[task.provider].retention_seconds
        if kept_seconds is None or task.finished_ms is None:
            return False
        return now_ms() - task.finished_ms >= kept_seconds * 1000

    def refused_later(self, provider: str) -> frozenset[str]:
        """Refusals of a submission that the vendor only reports as a failure of the task."""
        return self._voices[provider].refused_later

    def publish(self, task: Task, path: Path) -> str:
        """Put up one more file of a task; returns its address."""
        return self._results.publish(task.provider, task.task_id, task.prompt, path)

    def delivered(self, task: Task) -> bytes:
        """Returns the finished file as it is served, for a vendor that answers with the file
        itself.
        """
        name = (task.result_url or "").rpartition("/")[2]
        return self._results.content(task.provider, name)

    def polled(self, task: Task) -> None:
        """Let a fault ordered for a poll hit this task."""
        if task.is_open:
            self._suffer(task, "poll")

    def _suffer(self, task: Task, operation: str) -> None:
        possible = OUTCOMES[operation]
        if operation == "submit":
            possible |= self.refused_later(task.provider)
        fault = self._faults.take(task.provider, operation, possible, task.prompt)
        if fault and fault.fault in ("failed", "content_policy", "invalid_input"):
            task.failure = self._voices[task.provider].failure_text(fault.fault)
        elif fault:
            task.due_seconds = _delayed(task.due_seconds, fault)

    def _start(self, task: Task) -> None:
        if not self.tasks.advance(task, Status.RUNNING):
            return
        self._announce(task)
        if self._webhooks.wants_forgery(task):
            self._forge(task)

    def _expire(self, task: Task) -> None:
        if task.status is Status.QUEUED:
            task.billable = False
            self._end(task, Status.ABORTED)
        else:
            self._end(task, Status.CANCELED)

    def _finish(self, task: Task, media: Future[Rendered]) -> None:
        if task.due_seconds is None:
            return
        left_seconds = task.due_seconds - (now_ms() - task.submitted_ms) / 1000
        if left_seconds > 0:
            self._scheduler.after(left_seconds, lambda: self._finish(task, media))
        elif task.failure:
            self._end(task, Status.FAILED, task.failure)
        else:
            media.add_done_callback(lambda done: self._deliver(task, done))

    def _deliver(self, task: Task, media: Future[Rendered]) -> None:
        try:
            rendered = media.result()
        except PictureRefused as refusal:
            self._end(task, Status.FAILED, str(refusal))
        except CancelledError:
            return
        except Exception as error:  # noqa: BLE001  whatever went wrong, the task must end
            _log.exception("rendering for task %s failed", task.task_id)
            self._end(task, Status.FAILED, f"internal error: {error}")
        else:
            self._publish(task, rendered)

    def _publish(self, task: Task, rendered: Rendered) -> None:
        task.result_seconds = rendered.seconds
        task.result_bytes = rendered.path.stat().st_size
        task.result_url, *task.more_urls = (
            self._results.publish(task.provider, task.task_id, task.prompt, path)
            for path in (rendered.path, *rendered.more)
        )
        self._end(task, Status.SUCCEEDED)

    def _end(self, task: Task, status: Status, message: str = "") -> None:
        if self.tasks.advance(task, status, message):
            self._announce(task)

    def _announce(self, task: Task) -> None:
        voice = self._voices[task.provider]
        if voice.is_announced(task):
            self._webhooks.notify(task, voice.describe(task), voice.webhook_secret())

    def _forge(self, task: Task) -> None:
        done = replace(
            task, status=Status.SUCCEEDED, result_url=FORGED_RESULT_URL, result_seconds=5.0
        )
        voice = self._voices[task.provider]
        self._webhooks.forge(done, voice.describe(done), voice.webhook_secret())


def _delayed(due_seconds: float | None, fault: Fault) -> float | None:
    if due_seconds is None or (fault.fault == "hang" and fault.delay_seconds is None):
        return None
    usual_seconds = _LATE_SECONDS if fault.fault == "late_success" else _SLOW_SECONDS
    return due_seconds + (usual_seconds if fault.delay_seconds is None else fault.delay_seconds)
