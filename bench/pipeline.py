"""How close a film's makespan comes to the ideal schedule of the same generations.

Ten clips and nine transitions, at most three in flight, a transition only after its two neighbours.
Every simulated generation takes SHOWREEL_SIM_SECONDS (default 30, a quick vendor), long enough that
the machine's CPU is not what is measured: here every clip is normalised on the same few cores, in
AWS each has its own. A first film, untimed, makes the simulator draw its clips. The ideal is the
best of many list schedules of the durations that the vendor measured, under the same rules. Also
shown: a slow clip does not hold back the fourth. Exits with 1 if a target is missed.
"""

import os
import random
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import httpx

from local.demo.follow import follow
from local.demo.photos import ROOMS_FOLDER, find
from local.demo.stage import running_stack
from local.demo.studio_client import StudioClient

CLIPS = 10
AT_ONCE = 3
RATIO_TARGET = 1.15
TRIES = 4000
SHORTER_SHARE = 0.4
SLOWER_FACTOR = 3
GANTT_CELLS = 60
CREDITS = 3000


@dataclass(frozen=True)
class Task:
    """One generation as the vendor saw it, in seconds after the first submission."""

    name: str
    start: float
    end: float

    @property
    def seconds(self) -> float:
        """How long it was in flight."""
        return self.end - self.start

    @property
    def is_clip(self) -> bool:
        """Whether it is a clip rather than a transition."""
        return self.name.startswith("clip")


def main() -> int:
    """Entry point. Returns the exit status."""
    seconds = float(os.environ.get("SHOWREEL_SIM_SECONDS") or 30)
    with running_stack(seconds) as stack:
        bench = Bench(stack)
        print("Drawing the simulated clips (untimed) …", flush=True)
        bench.settings(0.2)
        bench.film(CLIPS, "seamless")
        bench.settings(seconds)
        passed = report_makespan(bench.film(CLIPS, "seamless"))
        bench.settings(seconds * SHORTER_SHARE)
        passed &= report_slow_clip(bench.film_with_slow_first_clip(seconds * SHORTER_SHARE))
    return 0 if passed else 1


class Bench:
    """Makes films on a running stack and reads what the simulated vendor saw."""

    def __init__(self, stack: dict[str, Any]) -> None:
        self.simulator = f"{stack['providers_url']}/_sim"
        self.client = StudioClient(stack["base_url"], stack["token"], stack["workspace_id"])
        self.urls = [self.client.upload(photo) for photo in find(ROOMS_FOLDER)[:CLIPS]]
        service = StudioClient(stack["base_url"], stack["service_token"], stack["workspace_id"])
        grant = {"workspaceId": stack["workspace_id"], "amount": CREDITS, "grantId": "bench"}
        service.call("POST", "/api/credits/grants", grant)

    def settings(self, generation_seconds: float) -> None:
        """Changes how long a generation takes."""
        body = {"generation_seconds": generation_seconds}
        httpx.post(f"{self.simulator}/settings", json=body).raise_for_status()

    def film(self, clips: int, transition: str) -> list[Task]:
        """Makes a film of the sample rooms; returns its generations."""
        before = {row["task_id"] for row in self._rows()}
        project = self.client.call("POST", "/api/video-projects", self._project(clips, transition))
        body = {"videoProjectId": project["id"]}
        run_id = self.client.call("POST", "/api/trigger-video", body)["runId"]
        *_, run = follow(self.client, run_id)
        if run["status"] != "completed":
            raise SystemExit(f"the film was not made: {run['status']} {run.get('error')}")
        return _tasks([row for row in self._rows() if row["task_id"] not in before])

    def film_with_slow_first_clip(self, seconds: float) -> list[Task]:
        """A film of cuts whose first clip takes much longer than the others."""
        fault = {
            "provider": "kling",
            "operation": "submit",
            "fault": "slow",
            "delay_seconds": seconds * (SLOWER_FACTOR - 1),
            "match": {"prompt_contains": _prompt(0)},
        }
        httpx.post(f"{self.simulator}/faults", json=fault).raise_for_status()
        return self.film(5, "cut")

    def _project(self, clips: int, transition: str) -> dict[str, Any]:
        return {
            "name": "Bench",
            "workspaceId": self.client.workspace_id,
            "resolution": "720p",
            "aspectRatio": "1:1",
            "clips": [
                {"sourceImageUrl": url, "motionPrompt": _prompt(n), "transitionType": transition}
                for n, url in enumerate(self.urls[:clips])
            ],
        }

    def _rows(self) -> list[dict[str, Any]]:
        answer = httpx.get(f"{self.simulator}/tasks").raise_for_status().json()
        rows: list[dict[str, Any]] = answer["tasks"]
        return rows


def _prompt(number: int) -> str:
    return f"Slow push forward, steady, bench clip {number + 1:02d}"


def _tasks(rows: list[dict[str, Any]]) -> list[Task]:
    rows = sorted(rows, key=lambda row: int(row["submitted_ms"]))
    first, transitions, tasks = int(rows[0]["submitted_ms"]), 0, []
    for row in rows:
        marker = str(row["prompt"]).partition("bench clip ")[2][:2]
        is_clip = bool(marker) and not row["inputs"].get("image_tail")
        transitions += not is_clip
        name = f"clip {marker}" if is_clip else f"transition {transitions:02d}"
        start, end = ((int(row[key]) - first) / 1000 for key in ("submitted_ms", "finished_ms"))
        tasks.append(Task(name, start, end))
    return tasks


def report_makespan(tasks: Sequence[Task]) -> bool:
    """Prints the schedule and its distance from the ideal; returns whether the target is met."""
    clips = [task.seconds for task in sorted(tasks, key=lambda t: t.name) if task.is_clip]
    transitions = [task.seconds for task in tasks if not task.is_clip]
    makespan = max(task.end for task in tasks)
    ideal = ideal_makespan(clips, transitions)
    most = most_in_flight(tasks)
    print(f"\nTen clips, {len(transitions)} transitions\n")
    print("\n".join(gantt(tasks)))
    print(f"\nmost in flight   {most} (limit {AT_ONCE})")
    print(f"makespan         {makespan:6.2f} s, first submission to last result")
    print(f"ideal            {ideal:6.2f} s, best of {TRIES} list schedules")
    print(f"ratio            {makespan / ideal:6.3f}   (target <= {RATIO_TARGET})")
    return most <= AT_ONCE and makespan / ideal <= RATIO_TARGET


def report_slow_clip(tasks: Sequence[Task]) -> bool:
    """Prints whether the fourth clip began while the slow first one was still being made."""
    by_name = {task.name: task for task in tasks}
    slow, fourth = by_name["clip 01"], by_name["clip 04"]
    waited = fourth.start - min(by_name[f"clip {n:02d}"].end for n in (2, 3))
    passed = fourth.start < slow.end
    print("\nA slow first clip\n")
    print("\n".join(gantt(tasks)))
    print(f"\nfourth clip begins {waited:.2f} s after the first of the others ended,", end=" ")
    print(f"{slow.end - fourth.start:.2f} s before the slow one did" if passed else "held back")
    return passed


def most_in_flight(tasks: Sequence[Task]) -> int:
    """The largest number of tasks at one moment."""
    return max(sum(t.start <= moment.start < t.end for t in tasks) for moment in tasks)


def gantt(tasks: Sequence[Task]) -> list[str]:
    """One line a task: when it was in flight."""
    scale = GANTT_CELLS / max(task.end for task in tasks)
    lines = []
    for task in sorted(tasks, key=lambda t: t.start):
        start, length = round(task.start * scale), max(1, round(task.seconds * scale))
        drawn = (" " * start + ("█" if task.is_clip else "▒") * length).ljust(GANTT_CELLS)
        lines.append(f"{task.name:<9} {drawn[:GANTT_CELLS]} {task.start:6.2f} to {task.end:6.2f} s")
    return lines


def ideal_makespan(clips: Sequence[float], transitions: Sequence[float]) -> float:
    """The best of many list schedules: as given, then in random orders of priority."""
    dice = random.Random(1)
    count = len(clips) + len(transitions)
    in_order = sorted(range(count), key=lambda n: n if n < len(clips) else n - len(clips) + 1.5)
    best = list_schedule(clips, transitions, in_order)
    for _ in range(TRIES):
        best = min(best, list_schedule(clips, transitions, dice.sample(range(count), count)))
    return best


def list_schedule(
    clips: Sequence[float], transitions: Sequence[float], order: Sequence[int]
) -> float:
    """The makespan when each free place takes the first task in `order` that may begin.

    Numbers below `len(clips)` are clips; transition n comes after the clips n and n + 1.
    """
    ends: dict[int, float] = {}
    running: list[tuple[float, int]] = []
    waiting, now = list(order), 0.0
    while waiting or running:
        ready = [n for n in waiting if _may_begin(n, len(clips), ends)]
        for number in ready[: AT_ONCE - len(running)]:
            seconds = clips[number] if number < len(clips) else transitions[number - len(clips)]
            running.append((now + seconds, number))
            waiting.remove(number)
        now, done = min(running)
        running.remove((now, done))
        ends[done] = now
    return now


def _may_begin(number: int, clips: int, ends: dict[int, float]) -> bool:
    transition = number - clips
    return transition < 0 or (transition in ends and transition + 1 in ends)


if __name__ == "__main__":
    sys.exit(main())
