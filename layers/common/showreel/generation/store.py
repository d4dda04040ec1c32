"""The rows of jobs. Every change is a conditional write that accepts its own outcome.

A reply that is lost makes the client send the same write again; its condition must then hold.
Every change by a step also says when the job would be overdue if no other followed (`due_at`).
"""

import contextlib
from collections.abc import Iterator, Sequence
from typing import Any

from showreel.assets import keys
from showreel.core.clock import now_iso, now_seconds
from showreel.core.dynamo import Item, Table, Write
from showreel.core.errors import ConditionFailed, NotFound
from showreel.core.observability import about
from showreel.edge.paging import listed
from showreel.generation.lanes import Lanes
from showreel.generation.models import QUIET_SECONDS, Final, Job, JobRequest, Status, StoredFile
from showreel.providers import Pending, VendorTask

SORT_KEY = "job"
OPEN = "attribute_not_exists(finished_at)"
NO_TASK = "attribute_not_exists(prediction_id)"
DUE = "due_at = :due"
CLAIM_SECONDS = 24 * 3600
"""How long a name stands for the same job."""
KEEP_SECONDS = 30 * 86_400
"""How long a settled job is shown; as long as runs. Its files stay."""
MAX_HINTS = 60
"""How many webhooks wake a job; beyond that only its own polls count."""
_STATUS = {"#status": "status"}


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

    def create_write(self, job: Job) -> Write:
        """Returns the new row, as a part of the transaction that holds its credits."""
        return self._table.put_write(job.row(now_seconds()), "attribute_not_exists(pk)")

    def create(self, job: Job) -> None:
        """Writes the row of a job under a run's hold. Raises ConditionFailed if it exists."""
        self._table.put(job.row(now_seconds()), condition="attribute_not_exists(pk)")

    def set_parent(self, job: Job, request: JobRequest) -> Job:
        """Keeps a repeated parent's new token. Raises ConditionFailed once the job is finished."""
        return self._change(
            job, "SET parent_token = :token", OPEN, {":token": request.parent_token}
        )

    def begin_submit(self, job: Job, sender: str, provider: str) -> Job:
        """Notes that `sender` now sends this attempt to `provider`. Raises ConditionFailed if
        another does.
        """
        return self._change(
            job,
            "SET #status = :submitting, sending = :yes, sender = :me, "
            "sent_at_seconds = :now, provider = :provider",
            f"{OPEN} AND attempt = :attempt AND (sending = :no OR sender = :me)",
            {
                ":submitting": "submitting",
                ":yes": True,
                ":no": False,
                ":me": sender,
                ":provider": provider,
                ":now": now_seconds(),
                ":attempt": job.attempt,
            },
            _STATUS,
        )

    def end_submit(self, job: Job, wait_seconds: int = 0) -> Job:
        """Notes that this send created nothing: the attempt may be sent again after a wait."""
        return self._change(
            job,
            "SET sending = :no ADD throttles :one",
            f"{OPEN} AND attempt = :attempt AND sender = :me AND {NO_TASK}",
            {":no": False, ":one": 1, ":me": job.sender, ":attempt": job.attempt},
            quiet_seconds=QUIET_SECONDS + wait_seconds,
        )

    def accept(self, job: Job, task: VendorTask) -> Job:
        """Keeps the vendor's task. Raises ConditionFailed if the job ended or moved on."""
        update, condition, values = _acceptance(job, task)
        return self._change(job, update, condition, values, _STATUS)

    def accept_write(self, job: Job, task: VendorTask) -> Write:
        """`accept` as a part of the transaction that captures the credits."""
        update, condition, values = _acceptance(job, task)
        values[":captured"] = job.credits
        return self._table.update_write(
            job_pk(job.job_id),
            SORT_KEY,
            f"{update}, credits_debited = :captured",
            condition,
            _STATUS,
            values,
        )

    def next_attempt(self, job: Job, changes: Item) -> Job:
        """Leaves this attempt behind. Raises ConditionFailed if the job ended or moved on."""
        sets = "".join(f", {name} = :{name}" for name in changes)
        return self._change(
            job,
            f"SET #status = :submitting, attempt = :next, sending = :no{sets} "
            "REMOVE prediction_id, provider_handle, accepted_at, sender, hinted_at, told_task_id",
            f"{OPEN} AND attempt = :attempt AND (sending = :no OR sender = :sender)",
            {
                ":submitting": "submitting",
                ":next": job.attempt + 1,
                ":attempt": job.attempt,
                ":no": False,
                ":sender": job.sender or "nobody",
                **{f":{name}": value for name, value in changes.items()},
            },
            _STATUS,
        )

    def advance(self, job: Job, status: Status, *, left_lane: bool = False) -> Job:
        """Moves an open job's attempt to `status`: processing or storing, never backwards."""
        return self._change(
            job,
            "SET #status = :status" + (", left_lane = :yes" if left_lane else ""),
            f"{OPEN} AND attempt = :attempt AND (#status = :status OR #status <> :storing)",
            {":status": status, ":storing": "storing", ":attempt": job.attempt}
            | ({":yes": True} if left_lane else {}),
            _STATUS,
        )

    def mark_returned(self, job: Job) -> Job:
        """Notes that the job has a place in its lane again. Raises ConditionFailed if it ended or
        moved on.
        """
        values = {":no": False, ":attempt": job.attempt}
        return self._change(job, "SET left_lane = :no", f"{OPEN} AND attempt = :attempt", values)

    def mark_stored(
        self, job: Job, files: Sequence[StoredFile] = (), result: str | None = None
    ) -> Job:
        """Notes that the result is in our bucket and verified."""
        rows = [file.model_dump() for file in files]
        return self._change(
            job,
            "SET is_stored = :yes, files = :files, #result = :result",
            f"{OPEN} AND attempt = :attempt",
            {":yes": True, ":files": rows, ":result": result, ":attempt": job.attempt},
            {"#result": "result"},
        )

    def note_progress(self, job: Job, pending: Pending) -> None:
        """Keeps what the vendor tells of the way, if it is news and the job is still on it."""
        news = (pending.queue_position, pending.percent, pending.is_running)
        if news == (job.queue_position, job.percent, job.is_running):
            return
        values = dict(zip((":queue", ":percent", ":running"), news, strict=True))
        update = "SET queue_position = :queue, #percent = :percent, is_running = :running"
        condition = f"{OPEN} AND attempt = :attempt"
        names = {"#percent": "percent"}
        with contextlib.suppress(ConditionFailed):
            self._change(job, update, condition, values | {":attempt": job.attempt}, names)

    def mark_failed(self, job: Job, error_code: str) -> Job:
        """Notes why the job will end as failed."""
        return self._change(
            job,
            "SET error_code = :code",
            f"{OPEN} AND attempt = :attempt",
            {":code": error_code, ":attempt": job.attempt},
        )

    def request_cancel(self, job: Job) -> Job:
        """Asks whoever makes the job to stop; when the reconciler looks at it doesn't change.

        Raises ConditionFailed once it has ended.
        """
        return self._write(job.job_id, "SET cancel_requested = :yes", OPEN, {":yes": True})

    def finish(self, job: Job, status: Final, error_code: str | None) -> Job:
        """Ends the job. Raises ConditionFailed if it has ended before."""
        update, values = _ending(job, status, error_code)
        return self._change(job, update, OPEN, values, _STATUS)

    def finish_paid_write(self, job: Job) -> Write:
        """Returns the end of a delivered job, as a part of the transaction that captures its
        credits.
        """
        update, values = _ending(job, "completed", None)
        values[":captured"] = job.credits
        return self._table.update_write(
            job_pk(job.job_id),
            SORT_KEY,
            update.replace("SET ", "SET credits_debited = :captured, ", 1),
            OPEN,
            _STATUS,
            values,
        )

    def finish_text_write(
        self, job: Job, status: Final, error_code: str | None, credits_used: int, result: str
    ) -> Write:
        """Returns the end of a job that told a text, as a part of the transaction that captures for
        it.
        """
        update, values = _ending(job, status, error_code)
        return self._table.update_write(
            job_pk(job.job_id),
            SORT_KEY,
            update.replace("SET ", "SET credits_debited = :captured, #result = :result, ", 1),
            OPEN,
            _STATUS | {"#result": "result"},
            values | {":captured": credits_used, ":result": result},
        )

    def mark_settled(self, job: Job) -> Job:
        """Notes that nothing is left to do; the reconciler forgets the job, and after a while the
        table does.
        """
        return self._write(
            job.job_id,
            "SET settled_at = if_not_exists(settled_at, :now), "
            "expires_at = if_not_exists(expires_at, :expiry) REMOVE due_shard, due_at",
            "attribute_exists(finished_at)",
            {":now": now_iso(), ":expiry": now_seconds() + KEEP_SECONDS},
        )

    def begin_wait(self, job_id: str, token: str) -> Job:
        """Keeps the token that a webhook answers; `hinted_at` tells whether one came before."""
        update = f"SET await_token = :token, {DUE}"
        due = {":due": now_seconds() + QUIET_SECONDS}
        return self._write(job_id, update, "attribute_exists(pk)", {":token": token} | due)

    def begin_poll(self, job_id: str) -> Job:
        """Forgets token and hint: what comes from now on is news."""
        return self._write(
            job_id,
            f"SET {DUE} REMOVE await_token, hinted_at ADD polls :one",
            "attribute_exists(pk)",
            {":one": 1, ":due": now_seconds() + QUIET_SECONDS},
        )

    def begin_revival(self, job: Job) -> Job:
        """Counts a new execution for a dead one. Raises ConditionFailed if another reconciler did,
        or the job ended.
        """
        return self._change(
            job,
            "SET revivals = :next",
            f"{OPEN} AND revivals = :now_at",
            {":next": job.revivals + 1, ":now_at": job.revivals},
        )

    def look_later(self, job: Job) -> Job:
        """The reconciler has seen that the job is alive."""
        due = {":due": now_seconds() + QUIET_SECONDS}
        return self._write(job.job_id, f"SET {DUE}", OPEN, due)

    def claim(self, name: str, job_id: str, *, instead_of: str | None = None) -> str:
        """Claims `name`; returns its job: the one claimed first within a day, else
        `job_id`.

        `instead_of` gives the name to another job, unless somebody else did so before.
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

    def hint(self, job_id: str, webhook_id: str, told_task_id: str | None = None) -> Job:
        """Notes that a vendor says something ended. Raises ConditionFailed for a webhook seen
        before, a finished or missing job, or one with too many hints.
        """
        told = ", told_task_id = :told" if told_task_id else ""
        values = {":told": told_task_id} if told_task_id else {}
        return self._write(
            job_id,
            f"SET hinted_at = :now{told} ADD webhook_ids :id, hints :one",
            f"attribute_exists(pk) AND {OPEN} AND NOT contains(webhook_ids, :one_id) "
            "AND (attribute_not_exists(hints) OR hints < :most)",
            values
            | {
                ":now": now_iso(),
                ":id": {webhook_id},
                ":one_id": webhook_id,
                ":one": 1,
                ":most": MAX_HINTS,
            },
        )

    def page(
        self, workspace_id: str, limit: int, cursor: str | None = None
    ) -> tuple[list[Job], str | None]:
        """Returns a workspace's jobs, newest first, and the next page's cursor. Raises
        InvalidInput.
        """
        rows, following = listed(self._table, f"{workspace_id}#job", limit, cursor)
        return [Job.model_validate(row) for row in rows], following

    def due(self, shard: str, now: int) -> Iterator[str]:
        """Returns the ids of jobs of a shard whose `due_at` (seconds) has come."""
        rows = self._table.query_all(
            "due_shard = :shard AND due_at <= :now",
            values={":shard": shard, ":now": now},
            index="due",
        )
        return (str(row["job_id"]) for row in rows)

    def _change(
        self,
        job: Job,
        update: str,
        condition: str,
        values: Item,
        names: dict[str, str] | None = None,
        *,
        quiet_seconds: int = QUIET_SECONDS,
    ) -> Job:
        """Writes a change by a step, which `SET`s something first."""
        due = {":due": now_seconds() + quiet_seconds}
        update = update.replace("SET ", f"SET {DUE}, ", 1)
        return self._write(job.job_id, update, condition, values | due, names)

    def _write(
        self,
        job_id: str,
        update: str,
        condition: str,
        values: Item,
        names: dict[str, str] | None = None,
    ) -> Job:
        row = self._table.update(
            job_pk(job_id), SORT_KEY, update, condition=condition, names=names, values=values
        )
        return Job.model_validate(row)


def _acceptance(job: Job, task: VendorTask) -> tuple[str, str, dict[str, Any]]:
    update = (
        "SET #status = :processing, prediction_id = :task, provider_handle = :handle, "
        "accepted_at = if_not_exists(accepted_at, :now), sending = :no"
    )
    condition = (
        f"{OPEN} AND attempt = :attempt "
        "AND (attribute_not_exists(prediction_id) OR prediction_id = :task)"
    )
    values: dict[str, Any] = {
        ":processing": "processing",
        ":task": task.task_id,
        ":handle": task.handle,
        ":now": now_iso(),
        ":no": False,
        ":attempt": job.attempt,
    }
    return update, condition, values


def _ending(job: Job, status: Final, error_code: str | None) -> tuple[str, dict[str, Any]]:
    update = "SET #status = :status, finished_at = :now"
    values: dict[str, Any] = {":status": status, ":now": now_iso()}
    if status == "completed" and keys.public_key(*job.output_key.split("/", 1)):
        update = f"{update}, video_url = :url"
        values[":url"] = keys.public_url(job.public_base_url, job.output_key)
    if error_code is not None:
        update, values[":code"] = f"{update}, error_code = :code", error_code
    return update, values


__all__ = ["ConditionFailed", "Jobs"]
