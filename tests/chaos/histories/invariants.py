"""What must be true of a history: I1 to I8, each as a check of its record."""

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise, product

from showreel.generation.models import Job
from tests.chaos.histories.record import Record, Row

FINAL = {"completed", "failed", "canceled"}
OVER = FINAL | {"timed_out"}
RANKS = {
    "queued": 0,
    "creating": 1,
    "drafting": 2,
    "enriching": 3,
    "submitting": 1,
    "IN_QUEUE": 1,
    "processing": 2,
    "running": 2,
    "IN_PROGRESS": 2,
    "storing": 3,
    "COMPLETED": 3,
} | dict.fromkeys([*OVER, "success", "succeeded", "skipped", "done", "ready"], 9)
OUR_FAULT = {"internal_error", "hold_closed", "hold_exceeded", "timed_out", "unknown"}
"""Codes of ends for which no vendor gave a reason."""


@dataclass(frozen=True)
class Violation:
    """What was not so."""

    invariant: str
    what: str

    def __str__(self) -> str:
        return f"{self.invariant}: {self.what}"


def violations(record: Record) -> list[Violation]:
    """Returns everything that was not so, in order of the invariants."""
    return [Violation(name, what) for name, check in CHECKS for what in check(record)]


def money_is_conserved(record: Record) -> Iterator[str]:
    """I1: balance = Σ entries; available = balance − open holds ≥ 0, at every moment."""
    for seen in record.balances:
        if seen.balance != seen.entries:
            yield f"a balance of {seen.balance} with entries of {seen.entries}"
        if seen.available != seen.balance - seen.open_holds:
            yield f"{seen.available} available of {seen.balance} with {seen.open_holds} held"
        if seen.available < 0:
            yield f"{seen.available} available"


def holds_are_closed(record: Record) -> Iterator[str]:
    """I2: every hold is closed, Σ captures ≤ held, and its captures are those of the ledger."""
    captured = Counter[str]()
    holds = {hold["sk"].removeprefix("hold#"): hold for hold in record.holds}
    owners = {job.job_id: job.hold_id for job in record.jobs}
    for entry in record.entries:
        if entry["kind"] == "capture":
            hold_id = owners.get(entry["job_id"]) or entry.get("run_id") or entry["job_id"]
            captured[hold_id] -= entry["amount"]
    for name, hold in holds.items():
        if hold["status"] == "open":
            yield f"hold {name} of {hold['amount']} is open"
        if hold["captured"] > hold["amount"]:
            yield f"hold {name}: {hold['captured']} captured of {hold['amount']}"
        if hold["captured"] != captured[name]:
            yield f"hold {name}: {hold['captured']} captured, {captured[name]} in the ledger"
    for name in captured.keys() - holds.keys():
        yield f"{captured[name]} captured without a hold: {name}"


def everything_ends(record: Record) -> Iterator[str]:
    """I3: every job and run reaches its end, and nothing keeps a place."""
    if not record.settled:
        yield "not everything came to an end within its bound"
    for job in record.jobs:
        if job.status not in FINAL or not job.settled_at:
            yield f"{_named(job)} is {job.status}, not settled"
    for run in record.runs:
        if run["status"] not in OVER:
            yield f"run {run['pk']} is {run['status']}"
    for project in record.projects:
        if project["status"] in {"queued", "generating", "compiling"}:
            yield f"project {project['pk']} is {project['status']} for ever"
    yield from _kept(record)


def _kept(record: Record) -> Iterator[str]:
    """Places and locks that nobody gives back."""
    for queue, place in product(record.queues, ("waiting", "running")):
        if kept := queue.get(place):
            yield f"{place} for ever: {sorted(kept)}"
    for shot in record.shot_rows:
        if shot["sk"] == "shot" and shot["image"]["status"] == "generating":
            yield f"{shot['pk']} is being made for ever"


def nothing_is_submitted_twice(record: Record) -> Iterator[str]:
    """I4: at most one billable submission per attempt key; and per attempt, without keys."""
    billed = [task for task in record.tasks if task["billable"]]
    keys = Counter((task["provider"], task["external_task_id"]) for task in billed)
    for (provider, key), times in keys.items():
        if key and times > 1:
            yield f"{provider} was sent {key} {times} times"
    attempts = Counter[str]()
    for job in record.jobs:
        attempts[job.wanted.prompt] += job.attempt.number
    for run in record.runs:
        if run["kind"] == "shots":
            attempts[_title(record, run)] += run["state"]["attempts"]
    without_key = Counter(task["prompt"] for task in billed if not task["external_task_id"])
    for prompt, times in without_key.items():
        known = next((count for words, count in attempts.items() if words and words in prompt), 0)
        if times > known:
            yield f"{times} submissions for {known} attempts: {prompt[:80]}"


def nothing_that_is_needed_is_gone(record: Record) -> Iterator[str]:
    """I5, the half that a sweep may break: what a live row refers to is in the bucket."""
    with_files = (job for job in record.jobs if job.wanted.media_type != "text")
    for job in with_files:
        is_there = any(key.startswith(job.output_key) for key in record.objects)
        if job.status == "completed" and not is_there:
            yield f"{_named(job)} is completed without its file"
    for project in record.projects:
        for name in ("final_video_key", "draft_video_key"):
            key = project.get(name)
            if key and key not in record.objects:
                yield f"project {project['pk']} has no {name}"


def nobody_sees_a_step_back(record: Record) -> Iterator[str]:
    """I6: neither status nor progress goes backwards for a reader; an end never changes."""
    ends = defaultdict[str, set[str]](set)
    for sights in record.sights.values():
        by_subject = defaultdict(list)
        for sight in sights:
            by_subject[sight.subject].append(sight)
        for subject, seen in by_subject.items():
            for before, after in pairwise(seen):
                if RANKS[after.status] < RANKS[before.status]:
                    yield f"{subject} from {before.status} to {after.status}"
                elif after.progress < before.progress and RANKS[after.status] < 9:
                    yield f"{subject}: progress from {before.progress} to {after.progress}"
            ends[subject] |= {sight.status for sight in seen if RANKS[sight.status] == 9}
    yield from _events(record)
    for subject, statuses in ends.items():
        if len(statuses) > 1:
            yield f"{subject} ended as {sorted(statuses)}"


def _events(record: Record) -> Iterator[str]:
    """A run's events are numbered without a gap, go forward, and the last one says so."""
    by_run = defaultdict[str, list[Row]](list)
    for event in sorted(record.events, key=lambda row: row["number"]):
        by_run[event["pk"]].append(event)
    for run in record.runs:
        events = by_run[run["pk"]]
        numbers = [event["number"] for event in events]
        if numbers != list(range(1, run["version"] + 1)):
            yield f"run {run['pk']} has events {numbers} of {run['version']}"
        if [event["number"] for event in events if event["last"]] != numbers[-1:]:
            yield f"run {run['pk']} has another last event than its last"
        statuses = (event["data"] for event in events if event["name"] == "status")
        told = [data["progress"]["progress"] for data in statuses]
        if told != sorted(told):
            yield f"run {run['pk']} told {told}"


def what_is_paid_is_delivered(record: Record) -> Iterator[str]:
    """I7: Σ paid = Σ distinct things delivered, each on a row of its user's."""
    jobs = {job.job_id: job for job in record.jobs}
    written = {row["id"] for row in _written(record)}
    for entry in record.entries:
        if entry["kind"] != "capture":
            continue
        job = jobs.get(entry["job_id"])
        if job is None and entry["job_id"] in written:
            continue
        if job is None:
            yield f"{-entry['amount']} paid for no job: {entry['sk']}"
        elif job.status != "completed" and not _costs_anyway(job):
            yield f"{_named(job)} is paid and {job.status}"
    yield from _films(record, jobs)
    yield from _sums(record)
    yield from _shots(record, jobs)
    yield from _nodes(record, jobs)
    yield from _texts(record)
    yield from _keys(record)


def _costs_anyway(job: Job) -> bool:
    """As documented: once accepted, a single video stays paid; of a text, what was streamed."""
    return job.terms.capture_on == "acceptance" or job.wanted.media_type == "text"


def _films(record: Record, jobs: dict[str, Job]) -> Iterator[str]:
    """What a run paid is on rows of its project, and told by the run."""
    on_rows = {
        value for row in record.film_rows for value in row.values() if isinstance(value, str)
    }
    for run in record.runs:
        if run["kind"] != "film":
            continue
        paid = [
            entry
            for entry in record.entries
            if entry["kind"] == "capture" and entry.get("run_id") == run["pk"]
        ]
        total = -sum(entry["amount"] for entry in paid)
        if run["credits"]["posted"] != total:
            yield f"run {run['pk']} tells {run['credits']['posted']} credits of {total} paid"
        for entry in paid:
            job = jobs.get(entry["job_id"])
            if job and job.output_key not in on_rows:
                yield f"{_named(job)} of run {run['pk']} is paid, its file on no row"
        if run["status"] == "completed":
            yield from _missing_clips(run)


@dataclass(frozen=True)
class FilmMoney:
    """What a user's films cost, and what all that they were delivered for it costs once."""

    paid: int
    delivered: int
    pieces: int


def film_money(record: Record) -> FilmMoney:
    """Adds up what was captured for runs, however they ended, and what is there for it: each piece
    once, and a clip once more each time that its user wanted it made anew.
    """
    runs = {run["pk"]: run for run in record.runs if run["kind"] == "film"}
    paid = {
        entry["job_id"]: -entry["amount"]
        for entry in record.entries
        if entry["kind"] == "capture" and entry.get("run_id") in runs
    }
    there = {
        job.output_key: job
        for job in record.jobs
        if job.run_id in runs and job.status == "completed" and job.output_key in record.objects
    }
    prices = defaultdict[tuple[object, ...], list[int]](list)
    for job in there.values():
        prices[_piece(job, runs)].append(paid.get(job.job_id, 0))
    kept = [
        price
        for (project, *_), of_piece in prices.items()
        for price in sorted(of_piece)[-1 - _retries(record, str(project)) :]
    ]
    return FilmMoney(sum(paid.values()), sum(kept), sum(price > 0 for price in kept))


def _piece(job: Job, runs: dict[str, Row]) -> tuple[object, ...]:
    """What makes a piece the same one in all runs of its project; a run brings a clip's picture to
    its format anew, a transition's are its neighbours'.
    """
    wanted, run = job.wanted, runs[str(job.run_id)]
    frames = (wanted.image_key, wanted.end_image_key) if job.kind == "transition" else ()
    of_model = (job.kind, wanted.prompt, job.requested_model, wanted.duration_seconds)
    return (run["subject_id"], *of_model, *frames)


def _retries(record: Record, project: str) -> int:
    """How many runs were to make one of the project's clips anew."""
    wishes = (one for one in record.orders if one.kind == "retry" and project in one.path)
    return len(set().union(*(one.subjects for one in wishes)))


def _sums(record: Record) -> Iterator[str]:
    """Σ paid = Σ distinct pieces delivered."""
    money = film_money(record)
    if money.paid != money.delivered:
        yield f"films cost {money.paid}, their {money.pieces} pieces {money.delivered}"


def _shots(record: Record, jobs: dict[str, Job]) -> Iterator[str]:
    """What was paid for shots is a version of theirs, and counted by its run."""
    versions = {row["key"] for row in record.shot_rows if row["sk"].startswith("version#")}
    for run in record.runs:
        if run["kind"] != "auto_generate":
            continue
        paid = [
            jobs[entry["job_id"]]
            for entry in record.entries
            if entry["kind"] == "capture" and entry.get("run_id") == run["pk"]
        ]
        for job in paid:
            if not any(file.key in versions for file in job.delivery.files):
                yield f"{_named(job)} of run {run['pk']} is paid, its file no version of a shot"
        if run["state"].get("credits", 0) != sum(job.credits_debited for job in paid):
            yield f"run {run['pk']} counts {run['state']} of {len(paid)} paid shots"


def _nodes(record: Record, jobs: dict[str, Job]) -> Iterator[str]:
    """What was paid for a graph is told at its node, with its file; and no other run has paid for
    the same of the same.
    """
    told = {(row["pk"], result["job_id"]): result for row, result in _results(record)}
    made = Counter[str]()
    for run in record.runs:
        if run["kind"] != "graph":
            continue
        paid = [
            jobs[entry["job_id"]]
            for entry in record.entries
            if entry["kind"] == "capture" and entry.get("run_id") == run["pk"]
        ]
        for job in paid:
            result = told.get((run["pk"], job.job_id), {"status": "nowhere", "credits": 0})
            if (result["status"], result["credits"]) != ("succeeded", job.credits_debited):
                yield f"{_named(job)} of run {run['pk']} is paid, its node {result['status']}"
            elif job.output_key not in json.dumps(result["output"]):
                yield f"{_named(job)} of run {run['pk']} is paid, its file at no node"
            made[job.catalogue_id + job.wanted.model_dump_json()] += 1
        if run["credits"]["posted"] != sum(job.credits_debited for job in paid):
            yield f"run {run['pk']} tells {run['credits']} of {len(paid)} paid nodes"
    for wanted, times in made.items():
        if times > 1:
            yield f"paid {times} times by graphs: {wanted[:200]}"


def _results(record: Record) -> Iterator[tuple[Row, Row]]:
    """Yields the results of graphs' nodes, with their rows."""
    for row in record.node_rows:
        yield row, json.loads(row["result"])


def _written(record: Record) -> list[Row]:
    """Returns the shots that a model has written."""
    shots = (row for row in record.shot_rows if row["sk"] == "shot")
    return [row for row in shots if row["source"] == "model" and row["status"] == "ready"]


def _title(record: Record, run: Row) -> str:
    """Returns what only the prompts of this run of shots have."""
    titles = (order.prompt for order in record.orders if order.key == run["options"]["request_id"])
    return next(titles, run["pk"])


def _texts(record: Record) -> Iterator[str]:
    """A run of shots tells, and costs, what it has written: half a credit a shot, in whole ones. A
    completed one has written all, and none leaves a shot half written.
    """
    written = {row["id"] for row in _written(record)}
    rows = {row["id"]: row for row in record.shot_rows if row["sk"] == "shot"}
    for run in record.runs:
        if run["kind"] != "shots":
            continue
        ids = [shot["id"] for shot in run["state"]["shots"]]
        mine = [rows[id_] for id_ in ids if id_ in rows]
        if unready := [row["id"] for row in mine if row["status"] != "ready"]:
            yield f"run {run['pk']} left {unready} half written"
        if run["credits"]["posted"] != -(-len(written & set(ids)) // 2):
            yield f"run {run['pk']} cost {run['credits']} for {len(written & set(ids))} shots"
        if run["status"] == "completed" and len(mine) != len(ids):
            yield f"run {run['pk']} completed with {len(mine)} of {len(ids)} shots"
        if run["output"]["total"] != len(mine):
            yield f"run {run['pk']} tells {run['output']} of {len(mine)} shots"


def _missing_clips(run: Row) -> Iterator[str]:
    """A clip that the film is short of is disclosed."""
    output, asked = run["output"], run["progress"].get("total_clips")
    if asked and output["completedClips"] + len(output["missingClips"]) != asked:
        yield f"run {run['pk']}: {asked} clips, {output['completedClips']} in the film, undisclosed"


def _keys(record: Record) -> Iterator[str]:
    """One key, one effect: a second job or run only where the first failed at no cost."""
    free = {
        job.job_id
        for job in record.jobs
        if job.status in {"failed", "canceled"} and not job.credits_debited
    }
    for order in record.orders:
        if len(order.subjects - free) > 1:
            yield f"key {order.key} made {sorted(order.subjects)}"
        if order.kind in {"film", "retry"}:
            told = [answer for status, answer in order.answers if status == 200]
            if any(answer != told[0] for answer in told):
                yield f"key {order.key} was answered in {len(told)} ways"


def what_vendors_made_is_delivered(record: Record) -> Iterator[str]:
    """I8: our own side's outages cost nobody anything: what was accepted is made and delivered.

    A text can't wait, since its caller is there; it then costs nothing.
    """
    for job in record.jobs:
        is_text = job.wanted.media_type == "text"
        is_ours = job.status == "failed" and job.error_code in OUR_FAULT
        if is_ours and (not is_text or job.credits_debited):
            yield f"{_named(job)} ended for {job.error_code}"
    doomed = set().union(*(order.subjects for order in record.orders if order.is_doomed))
    for run in record.runs:
        error = run.get("error") or {}
        if (
            run["pk"] not in doomed
            and run["status"] in {"failed", "timed_out"}
            and error.get("code") in OUR_FAULT
        ):
            yield f"run {run['pk']} ended for {error['code']}"
        for missing in (run.get("output") or {}).get("missingClips", []):
            if missing["reason"] in OUR_FAULT:
                yield f"run {run['pk']} lost a clip for {missing['reason']}"
    yield from record.failures


def _named(job: Job) -> str:
    return f"{job.kind} job {job.job_id}"


Check = Callable[[Record], Iterator[str]]
CHECKS: tuple[tuple[str, Check], ...] = (
    ("I1", money_is_conserved),
    ("I2", holds_are_closed),
    ("I3", everything_ends),
    ("I4", nothing_is_submitted_twice),
    ("I5", nothing_that_is_needed_is_gone),
    ("I6", nobody_sees_a_step_back),
    ("I7", what_is_paid_is_delivered),
    ("I8", what_vendors_made_is_delivered),
)
