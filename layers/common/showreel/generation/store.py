"""The rows of jobs. Every change is a conditional write that may be repeated.

After a lost reply the client sends the same write again, so its condition must hold then too.
Every change by a step also sets when the job is due for the reconciler if none follows (`due_at`).
"""

import contextlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from showreel.assets import keys
from showreel.core.backoff import REVIVAL_PAUSES
from showreel.core.clock import now_iso, now_seconds
from showreel.core.dynamo import Item, Table, Write
from showreel.core.errors import ConditionFailed, NotFound
from showreel.core.observability import about
from showreel.edge.paging import listed
from showreel.generation.lanes import Lanes
from showreel.generation.models import (
    QUIET_SECONDS,
    Attempt,
    Final,
    Job,
    JobOutput,
    JobRequest,
    Status,
    StoredFile,
)

if TYPE_CHECKING:  # requests call no vendor
    from showreel.providers.base import Pending, VendorTask
    from showreel.runs.models import Run

SORT_KEY = "job"
OPEN = "attribute_not_exists(finished_at)"
ENDED = "attribute_exists(finished_at)"
EXISTS = "attribute_exists(pk)"
LOST = "submit_unknown"
"""The error code of a job whose create may have arrived."""
FORGOTTEN: Item = {"due_shard": None, "due_at": None}
"""Takes the row out of the index that the reconciler reads."""
UNSENT = "attribute_not_exists(prediction_id) AND attribute_not_exists(error_code)"
"""No vendor has accepted this attempt, and the job has no final error."""
NOBODY_ELSE = "(attempt.sending = :no OR attempt.sender = :me)"
"""No other process is sending this attempt."""
DUE = "due_shard = :shard AND due_at <= :now"
CLAIM_SECONDS = 24 * 3600
"""How long a claimed name stands for the same job."""
KEEP_SECONDS = 30 * 86_400
"""How long a settled job's row is kept, as that of a run. Its files stay."""
MAX_HINTS = 60
"""How many webhooks may wake a job; further ones are ignored."""


def job_pk(job_id: str) -> str:
    """Returns the partition of a job."""
    return f"job#{job_id}"


class Jobs:
    """The Jobs table."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self.lanes = Lanes(table)

    def find(self, job_id: str) -> Job | None:
        """Returns the job, or None."""
        row = self._table.get(job_pk(job_id), SORT_KEY)
        job = Job.model_validate(row) if row else None
        if job is not None:
            about(job_id=job.job_id, run_id=job.run_id, workspace_id=job.workspace_id)
        return job

    def get(self, job_id: str) -> Job:
        """Returns the job. Raises NotFound."""
        job = self.find(job_id)
        if job is None:
            raise NotFound("No such job")
        return job

    def some(self, job_ids: Iterable[str]) -> dict[str, Job]:
        """Returns the jobs that exist, by their ids."""
        rows = self._table.get_many((job_pk(job_id), SORT_KEY) for job_id in job_ids)
        return {row["job_id"]: Job.model_validate(row) for row in rows}

    def create_write(self, job: Job) -> Write:
        """Returns the new row as a part of a transaction, with the hold or a check of it."""
        return self._table.put_write(job.row(now_seconds()), "attribute_not_exists(pk)")

    def set_parent(self, job: Job, request: JobRequest) -> Job:
        """Stores the parent's new token. Raises ConditionFailed once the job is finished."""
        return self._change(job.job_id, {"parent_token": request.parent_token})

    def begin_submit(self, job: Job, sender: str, provider: str, lost_seconds: int = 0) -> Job:
        """Notes that `sender` now sends this attempt to `provider`. The deadline moves by the time
        for which our own infrastructure, or the vendor if longer, was down. Raises
        ConditionFailed if another process sends it, or has sent it.
        """
        lost_seconds = max(lost_seconds, job.kept_back_seconds(now_seconds()))
        deadline = job.terms.deadline_at_seconds + lost_seconds
        return self._step(
            job,
            {
                "status": "submitting",
                "provider": provider,
                "attempt.sending": True,
                "attempt.sender": sender,
                "attempt.sent_at_seconds": now_seconds(),
            }
            | ({"terms.deadline_at_seconds": deadline} if lost_seconds else {}),
            f"{UNSENT} AND {NOBODY_ELSE}",
            values={":no": False, ":me": sender},
        )

    def end_submit(self, job: Job, wait_seconds: int = 0, *, left_lane: bool = False) -> Job:
        """Notes that the create made nothing, or was not sent: the attempt may be sent again after
        a wait, and if it `left_lane` once the job has a place again.
        """
        return self._step(
            job,
            {"attempt.sending": False} | ({"left_lane": True} if left_lane else {}),
            f"{NOBODY_ELSE} AND attribute_not_exists(prediction_id)",
            once=None if job.attempt.sending else _out_since(),
            add={"counts.throttles": 1},
            values={":no": False, ":me": job.attempt.sender or "nobody"},
            quiet_seconds=QUIET_SECONDS + wait_seconds,
        )

    def keep_back(self, job: Job, wait_seconds: int) -> Job:
        """Notes that the attempt is held back because its vendor is out."""
        return self._step(
            job,
            {},
            UNSENT,
            once=_out_since(),
            quiet_seconds=QUIET_SECONDS + wait_seconds,
        )

    def accept(self, job: Job, task: "VendorTask") -> Job:
        """Stores the vendor's task. Raises ConditionFailed if the job ended or moved on."""
        return self._applied(self.accept_write(job, task))

    def accept_write(self, job: Job, task: "VendorTask", **captured: int) -> Write:
        """Returns `accept` as a part of the transaction that captures `credits_debited`."""
        return self._step_write(
            job,
            {
                "status": "processing",
                "prediction_id": task.task_id,
                "attempt.provider_handle": task.handle,
                "attempt.sending": False,
            }
            | captured,
            "(attribute_not_exists(prediction_id) OR prediction_id = :task)",
            once={"attempt.accepted_at": now_iso()},
            values={":task": task.task_id},
        )

    def next_attempt(self, job: Job, changes: Item) -> Job:
        """Begins another attempt. Raises ConditionFailed if the job ended or moved on."""
        following = Attempt(number=job.attempt.number + 1).model_dump(exclude_none=True)
        return self._step(
            job,
            {
                "status": "submitting",
                "attempt": following,
                "prediction_id": None,
                "reached": job.shown_status,
            }
            | changes,
            NOBODY_ELSE,
            values={":no": False, ":me": job.attempt.sender or "nobody"},
        )

    def advance(self, job: Job, status: Status, *, left_lane: bool = False) -> Job:
        """Moves an open job's attempt to `status`: processing or storing, never backwards."""
        return self._step(
            job,
            {"status": status} | ({"left_lane": True} if left_lane else {}),
            "(#status = :status OR #status <> :storing)",
            once={"attempt.ready_at_seconds": now_seconds()} if status == "storing" else None,
            names={"#status": "status"},
            values={":status": status, ":storing": "storing"},
        )

    def mark_returned(self, job: Job) -> Job:
        """Notes that the job has a place in its lane again. Raises ConditionFailed if it ended or
        moved on.
        """
        return self._step(job, {"left_lane": False, "lane_returns": job.lane_returns + 1})

    def mark_stored(
        self, job: Job, files: Sequence[StoredFile] = (), result: str | None = None
    ) -> Job:
        """Notes that the result is in our bucket and verified."""
        delivery = JobOutput(is_stored=True, files=tuple(files), result=result)
        return self._step(job, {"delivery": delivery.model_dump(exclude_none=True)})

    def keep_files(self, job: Job, files: Sequence[StoredFile]) -> Job:
        """Notes the files of the result that are stored already. Raises ConditionFailed if the job
        ended or moved on.
        """
        kept = [file.model_dump(exclude_none=True) for file in files]
        return self._step(job, {"attempt.stored_files": kept})

    def note_progress(self, job: Job, progress: "Pending") -> None:
        """Stores the vendor's progress if it changed and the attempt is the present one. A job that
        was running never goes back to waiting, nor does `percent` fall.
        """
        before, latest = job.progress, asdict(progress)
        latest["is_running"] = before.is_running or progress.is_running
        latest["percent"] = max(before.percent or 0, progress.percent or 0) or None
        if latest["is_running"]:
            latest["queue_position"] = None
        if latest != before.model_dump():
            with contextlib.suppress(ConditionFailed):
                self._step(job, {"progress": latest})

    def mark_failed(self, job: Job, error_code: str) -> Job:
        """Notes the error with which the job will fail, and that no create is on its way, unless
        that is unknown (`LOST`).
        """
        cleared = {} if error_code == LOST else {"attempt.sending": False}
        return self._step(job, {"error_code": error_code} | cleared)

    def request_cancel(self, job: Job) -> Job:
        """Asks the process that makes the job to stop; `due_at` stays.

        Raises ConditionFailed once it has ended.
        """
        return self._change(job.job_id, {"cancel_requested": True}, quiet_seconds=None)

    def finish(self, job: Job, status: Final, error_code: str | None) -> Job:
        """Ends the job. Raises ConditionFailed if it has ended before."""
        return self._change(job.job_id, _ending(job, status, error_code))

    def finish_write(
        self,
        job: Job,
        status: Final,
        error_code: str | None,
        credits_debited: int,
        result: str | None = None,
    ) -> Write:
        """Returns `finish` as a part of the transaction that captures `credits_debited`."""
        paid = {"credits_debited": credits_debited}
        output = {} if result is None else {"delivery.result": result}
        return self._write(job.job_id, _ending(job, status, error_code) | paid | output)

    def mark_settled(self, job: Job) -> Job:
        """Notes that nothing is left to do. The reconciler doesn't look again, unless a create may
        be on its way, whose task is to be stopped. The row expires after `KEEP_SECONDS`.
        """
        forgotten = {} if job.may_have_lost_task else FORGOTTEN
        settled = {"settled_at": now_iso(), "expires_at": now_seconds() + KEEP_SECONDS}
        return self._change(job.job_id, forgotten, ENDED, once=settled)

    def look_once_more(self, job: Job) -> Job:
        """Makes a settled job due again later."""
        return self._change(job.job_id, {}, ENDED)

    def forget(self, job: Job) -> Job:
        """Notes that a settled job has no task at a vendor."""
        return self._change(job.job_id, FORGOTTEN | {"attempt.sending": False}, ENDED)

    def begin_wait(self, job_id: str, token: str) -> Job:
        """Stores the task token for a webhook to answer; `hinted_at` is set if one came before."""
        return self._change(job_id, {"await_token": token}, EXISTS)

    def begin_poll(self, job_id: str) -> Job:
        """Counts a poll and clears token and hint, so that a later webhook counts as new."""
        forgotten = {"await_token": None, "attempt.hinted_at": None}
        return self._change(job_id, forgotten, EXISTS, add={"counts.polls": 1})

    def begin_revival(self, job: Job) -> Job:
        """Counts a new execution for a dead one, and makes the job due when the next one may start.
        If no vendor has the job yet, its deadline moves by the time for which nothing worked at it.

        Raises ConditionFailed if another reconciler did, or the job ended.
        """
        before, now = job.counts.revivals, now_seconds()
        pause, condition = REVIVAL_PAUSES[before], f"{OPEN} AND counts.revivals = :before"
        changes: Item = {"counts.revivals": before + 1, "revive_at_seconds": now + pause}
        if job.prediction_id is None and job.active_at_seconds:
            lost = now - job.active_at_seconds
            changes["terms.deadline_at_seconds"] = job.terms.deadline_at_seconds + lost
        values, quiet_seconds = {":before": before}, min(pause, QUIET_SECONDS)
        return self._change(
            job.job_id, changes, condition, values=values, quiet_seconds=quiet_seconds
        )

    def look_later(self, job: Job) -> Job:
        """Notes that the job was reconciled: it is due again in `QUIET_SECONDS`."""
        return self._change(job.job_id, {})

    def claim(self, name: str, job_id: str, *, instead_of: str | None = None) -> str:
        """Claims `name` for `job_id`; returns the job that has it, claimed first within a day.

        With `instead_of`, that job loses the name, unless another one has it by now.
        """
        key, now = f"claim#{name}", now_seconds()
        row = {"pk": key, "sk": SORT_KEY, "job_id": job_id, "expires_at": now + CLAIM_SECONDS}
        free = "attribute_not_exists(pk) OR expires_at < :now OR job_id = :mine OR job_id = :old"
        values = {":now": now, ":mine": job_id, ":old": instead_of or job_id}
        try:
            self._table.put(row, condition=free, values=values)
        except ConditionFailed:
            return str((self._table.get(key, SORT_KEY) or row)["job_id"])
        return job_id

    def hint(
        self, job_id: str, attempt_number: int, webhook_id: str, reported_task_id: str | None = None
    ) -> Job:
        """Records a webhook that says the attempt has ended; the first task id it names stays.

        Raises ConditionFailed for a webhook seen before, another attempt or task, a finished or
        missing job, or one with too many hints.
        """
        reported, about = {}, ""
        values = {":id": webhook_id, ":most": MAX_HINTS, ":number": attempt_number}
        if reported_task_id:
            reported = {"attempt.reported_task_id": reported_task_id}
            about = " AND (attribute_not_exists(prediction_id) OR prediction_id = :reported)"
            values[":reported"] = reported_task_id
        return self._change(
            job_id,
            {"attempt.hinted_at": now_iso()},
            f"{EXISTS} AND {OPEN} AND attempt.#number = :number AND counts.hints < :most"
            f" AND NOT contains(webhook_ids, :id){about}",
            add={"webhook_ids": {webhook_id}, "counts.hints": 1},
            once=reported,
            names={"#number": "number"},
            values=values,
            quiet_seconds=None,
        )

    def page(
        self, workspace_id: str, limit: int, cursor: str | None = None
    ) -> tuple[list[Job], str | None]:
        """Returns a workspace's jobs, newest first, and the next page's cursor. A job that expires
        meanwhile is left out. Raises InvalidInput.
        """
        rows, following = listed(self._table, f"{workspace_id}#job", limit, cursor)
        ids = [str(row["job_id"]) for row in rows]
        jobs = self.some(ids)
        return [jobs[job_id] for job_id in ids if job_id in jobs], following

    def of_run(self, run: "Run") -> Iterator[Job]:
        """Yields the jobs of a finished run. Reads the ids of all jobs that the workspace ordered
        during the run.
        """
        ordered = self._table.query_all(
            "list_key = :list_key AND created_at BETWEEN :begun AND :ended",
            values={
                ":list_key": f"{run.workspace_id}#job",
                ":begun": run.created_at,
                ":ended": run.finished_at,
            },
            index="by_list",
        )
        own = [str(row["job_id"]) for row in ordered if row.get("run_id") == run.id]
        yield from self.some(own).values()

    def due_page(self, shard: str, start: Item | None) -> tuple[list[Item], Item | None]:
        """Returns a page of rows of due jobs, and where the next page starts."""
        values = {":shard": shard, ":now": now_seconds()}
        return self._table.query(DUE, values=values, index="due", start=start)

    def _step(self, job: Job, changes: Item, also: str = "", **options: Any) -> Job:
        return self._applied(self._step_write(job, changes, also, **options))

    def _step_write(
        self,
        job: Job,
        changes: Item,
        also: str = "",
        *,
        names: Mapping[str, str] | None = None,
        values: Mapping[str, Any] | None = None,
        **options: Any,
    ) -> Write:
        """Returns a change on the condition that the job is open and in this attempt."""
        condition = f"{OPEN} AND attempt.#number = :number" + (f" AND {also}" if also else "")
        options["names"] = {"#number": "number", **(names or {})}
        options["values"] = {":number": job.attempt.number, **(values or {})}
        return self._write(job.job_id, changes, condition, **options)

    def _change(self, job_id: str, changes: Item, condition: str = OPEN, **options: Any) -> Job:
        return self._applied(self._write(job_id, changes, condition, **options))

    def _write(
        self,
        job_id: str,
        changes: Item,
        condition: str = OPEN,
        *,
        quiet_seconds: int | None = QUIET_SECONDS,
        **options: Any,
    ) -> Write:
        """Returns a change that makes the job due in `quiet_seconds`; None leaves `due_at`."""
        if quiet_seconds is not None:
            now = now_seconds()
            changes = {"due_at": now + quiet_seconds, "active_at_seconds": now} | changes
        return self._table.set_write(
            job_pk(job_id), SORT_KEY, changes, condition=condition, **options
        )

    def _applied(self, write: Write) -> Job:
        return Job.model_validate(self._table.apply(write))


def _out_since() -> Item:
    return {"attempt.out_since_seconds": now_seconds()}


def _ending(job: Job, status: Final, error_code: str | None) -> Item:
    ending = {"status": status, "finished_at": now_iso()}
    if status == "completed" and keys.public_key(*job.output_key.split("/", 1)):
        ending["video_url"] = keys.public_url(job.public_base_url, job.output_key)
    return ending if error_code is None else ending | {"error_code": error_code}


__all__ = ["ConditionFailed", "Jobs"]
