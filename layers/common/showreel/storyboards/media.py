"""The picture, video and sound of a shot: locks of jobs, and results.

A lock is a conditional write, so of two jobs that begin at once one gets it. A job's result becomes
a version that is never changed, and the shot shows it.
"""

import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from showreel.core.clock import now_iso
from showreel.core.dynamo import Table, Write, transact
from showreel.core.errors import ConditionFailed, Transient
from showreel.storyboards.models import (
    UNMADE,
    Medium,
    MediumState,
    MediumStatus,
    ShotRow,
    VersionRow,
)
from showreel.storyboards.rows import PRESENT, SHOT, shot_pk, version_sk

ATTEMPTS = 8
BUSY = "the shot is being changed by too many others"
IS_LOCKED = "#medium.#status = :generating AND #medium.job_id = :job"


@dataclass(frozen=True)
class MadeMedium:
    """What a job has made for a shot: an object of ours, owned by `shot_pk`."""

    key: str
    job_id: str
    model: str | None = None
    prompt: str | None = None
    duration_seconds: float | None = None


class ShotMedia:
    """Reads and writes locks and results."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def lock_write(
        self,
        shot: ShotRow,
        medium: Medium,
        job_id: str,
        *,
        origins: tuple[MediumStatus, ...] = UNMADE,
    ) -> Write:
        """Returns the write that locks a medium for the job. It fails unless the status is one of
        `origins` or the job has the lock already.
        """
        before = shot.medium(medium).status
        changes = {"status": "generating", "job_id": job_id, "failure_reason": None}
        free = {f":origin_{status}": status for status in origins}
        return self._write(
            shot.id,
            medium,
            changes | ({} if before == "generating" else {"before": before}),
            condition=f"(({IS_LOCKED}) OR #medium.#status IN ({', '.join(free)}))",
            values={":generating": "generating", ":job": job_id, **free},
        )

    def lock(
        self,
        shot: ShotRow,
        medium: Medium,
        job_id: str,
        *,
        origins: tuple[MediumStatus, ...] = UNMADE,
    ) -> bool:
        """Locks a medium for the job. Returns False if another has it or it is made by now."""
        return self._applies(self.lock_write(shot, medium, job_id, origins=origins))

    def unlock(self, shot_id: str, medium: Medium, job_id: str) -> bool:
        """Ends the job's lock as if nothing had begun. Returns False if it hasn't the lock."""
        state = self.state(shot_id, medium)
        if state is None:
            return False
        status = "completed" if state.key else state.before or "pending"
        return self._applies(self._end_write(shot_id, medium, job_id, {"status": status}))

    def fail(self, shot_id: str, medium: Medium, job_id: str, reason: str) -> bool:
        """Ends the lock without a result. What was shown stays, and is `completed`. Returns False
        if the job hasn't the lock.
        """
        state = self.state(shot_id, medium)
        if state is None:
            return False
        changes = {"status": "completed" if state.key else "failed", "failure_reason": reason}
        return self._applies(self._end_write(shot_id, medium, job_id, changes))

    def complete(self, shot_id: str, medium: Medium, made: MadeMedium) -> bool:
        """Shows the job's result as a new version. Safe to repeat.

        It is kept unless another job has had the lock since, even if the job has lost its own: it
        was paid for. Otherwise, or if the shot is gone, returns False, and nothing names the
        object. Raises Transient.
        """
        for _ in range(ATTEMPTS):
            state = self.state(shot_id, medium)
            if state is None or state.job_id != made.job_id:
                return False
            if state.made_by == made.job_id:
                return True
            try:
                transact(self.complete_writes(shot_id, medium, state, made))
            except ConditionFailed:
                continue
            return True
        raise Transient(BUSY)

    def complete_writes(
        self, shot_id: str, medium: Medium, state: MediumState, made: MadeMedium
    ) -> list[Write]:
        """Returns the writes of the shot's new state and of the version, which fail unless the
        state is as it was read.
        """
        version = VersionRow(
            medium=medium,
            number=state.versions + 1,
            key=made.key,
            job_id=made.job_id,
            model=made.model,
            prompt=made.prompt,
            duration_seconds=made.duration_seconds,
            created_at=now_iso(),
        )
        changes = {"status": "completed", "made_by": made.job_id, "before": None}
        shown = self._write(
            shot_id,
            medium,
            changes | {"versions": version.number} | _showing(version),
            condition="#medium.job_id = :job AND #medium.versions = :read",
            values={":job": made.job_id, ":read": state.versions},
        )
        return [shown, self._version_write(shot_id, version)]

    def add(self, shot_id: str, medium: Medium, key: str) -> bool:
        """Shows a user's file as a new version, also while another is being made. Safe to repeat.
        Returns False if the shot is gone. Raises Transient.
        """

        def writes(state: MediumState) -> list[Write]:
            if state.key == key:
                return []
            number = state.versions + 1
            version = VersionRow(medium=medium, number=number, key=key, created_at=now_iso())
            changes = {"versions": number} | _showing(version)
            shown = self._shown_write(shot_id, medium, state, changes)
            return [shown, self._version_write(shot_id, version)]

        return self._retried(shot_id, medium, writes)

    def restore(self, shot_id: str, version: VersionRow) -> bool:
        """Shows an older version again. Returns False if the shot is gone. Raises Transient."""

        def writes(state: MediumState) -> list[Write]:
            return [self._shown_write(shot_id, version.medium, state, _showing(version))]

        return self._retried(shot_id, version.medium, writes)

    def clear(self, shot_id: str, medium: Medium) -> bool:
        """Shows nothing; versions stay. Returns False if the shot is gone. Raises Transient."""

        def writes(state: MediumState) -> list[Write]:
            return [self._shown_write(shot_id, medium, state, {"key": None, "version": None})]

        return self._retried(shot_id, medium, writes)

    def _retried(
        self, shot_id: str, medium: Medium, writes: Callable[[MediumState], list[Write]]
    ) -> bool:
        for _ in range(ATTEMPTS):
            state = self.state(shot_id, medium)
            if state is None:
                return False
            wanted = writes(state)
            with contextlib.suppress(ConditionFailed):
                if wanted:
                    transact(wanted)
                return True
        raise Transient(BUSY)

    def _shown_write(
        self, shot_id: str, medium: Medium, state: MediumState, changes: Mapping[str, Any]
    ) -> Write:
        """Returns the write that changes what is shown, if the state is as read; a lock stays."""
        status = "completed" if changes["key"] else "pending"
        status_change = {} if state.status == "generating" else {"status": status}
        return self._write(
            shot_id,
            medium,
            {**changes, **status_change},
            condition="#medium.#status = :status AND #medium.versions = :read",
            values={":status": state.status, ":read": state.versions},
        )

    def _version_write(self, shot_id: str, version: VersionRow) -> Write:
        keys = {"pk": shot_pk(shot_id), "sk": version_sk(version.medium, version.number)}
        item = version.model_dump(mode="json", exclude_none=True) | keys
        return self._table.put_write(item, "attribute_not_exists(pk)")

    def state(self, shot_id: str, medium: Medium) -> MediumState | None:
        """Returns the state of a medium, None if the shot is gone."""
        row = self._table.get(shot_pk(shot_id), SHOT)
        if row is None or row.get("retired"):
            return None
        return ShotRow.from_item(row).medium(medium)

    def _end_write(
        self, shot_id: str, medium: Medium, job_id: str, changes: Mapping[str, Any]
    ) -> Write:
        return self._write(
            shot_id,
            medium,
            {**changes, "before": None},
            condition=IS_LOCKED,
            values={":generating": "generating", ":job": job_id},
        )

    def _write(
        self,
        shot_id: str,
        medium: Medium,
        changes: Mapping[str, Any],
        *,
        condition: str,
        values: Mapping[str, Any],
    ) -> Write:
        names = {"#medium": medium} | ({"#status": "status"} if "#status" in condition else {})
        return self._table.set_write(
            shot_pk(shot_id),
            SHOT,
            {f"{medium}.{name}": value for name, value in changes.items()}
            | {"updated_at": now_iso()},
            condition=f"{PRESENT} AND {condition}",
            names=names,
            values=values,
        )

    def _applies(self, write: Write) -> bool:
        try:
            self._table.apply(write)
        except ConditionFailed:
            return False
        return True


def _showing(version: VersionRow) -> dict[str, Any]:
    """Returns the attributes of a state that shows the version."""
    return {"key": version.key, "version": version.number, "failure_reason": None}
