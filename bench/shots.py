"""How soon the events of gen-shots reach their reader after the vendor sent their text: the part of
`make bench-streams` that is about storyboards.

The simulated vendor sends its words 30 ms apart and notes when. Between a word and the reader are
the vendor's client, the reader of the answer, one transaction, the poll of the stream, the runtime
loop and the gateway. Warm functions; three shots each time, one reader at a time.
"""

import json
import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx

from local.stack import Stack
from showreel.storyboards.gen_shots.answer import AnswerReader

FIRST_TARGET_MS, EVENT_TARGET_MS = 300, 250
WORD_SECONDS = 0.03
WARM_UPS, READERS, SHOTS = 2, 8, 3
CREDITS = 1000
Step = tuple[int, str]


@dataclass(frozen=True)
class Arrived:
    """An event and when it came, in milliseconds since 1970."""

    name: str
    data: dict[str, Any]
    ms: float


class Author:
    """Somebody who has scenes written."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        tenant = stack.seeder.tenant(CREDITS)
        headers = {"Authorization": f"Bearer {tenant.token}"}
        self.http = httpx.Client(base_url=stack.base_url, headers=headers, timeout=60)
        body = {"workspaceId": tenant.workspace_id, "title": "Ferry", "videoStyle": "35 mm film"}
        self._project_id = self._made("/api/projects", body)

    def _made(self, path: str, body: dict[str, Any]) -> str:
        return str(self.http.post(path, json=body).raise_for_status().json()["id"])

    def written(self, number: int) -> tuple[list[Arrived], list[tuple[float, str]]]:
        """The events of a scene's shots, and the vendor's words with their times."""
        title = f"Pier {number} of the bench"
        scene = {"title": title, "description": "Ada waits in the fog for the last ferry."}
        scene_id = self._made(f"/api/projects/{self._project_id}/scenes", scene)
        body = {"projectId": self._project_id, "sceneId": scene_id, "shotCount": SHOTS}
        events = list(self._events(body))
        query = {"prompt_contains": title, "streamed": "1"}
        url = f"{self._stack.providers_url}/_sim/tasks"
        (task,) = httpx.get(url, params=query).json()["tasks"]
        return events, [(ms, word) for ms, word in task["streamed"]]

    def _events(self, body: dict[str, Any]) -> Iterator[Arrived]:
        with self.http.stream("POST", "/functions/v1/gen-shots", json=body) as answer:
            fields: dict[str, str] = {}
            for line in answer.iter_lines():
                name, _, value = line.partition(": ")
                fields |= {name: value}
                if name == "data":
                    yield Arrived(fields["event"], json.loads(value), time.time() * 1000)


def sent_at(words: list[tuple[float, str]]) -> dict[Step, float]:
    """When the text of each shot's phase was complete at the vendor."""
    reader, at = AnswerReader(SHOTS), dict[Step, float]()
    for ms, word in words:
        if word:
            at |= {(seen.place + 1, seen.phase): ms for seen in reader.read(word)}
    return at


def main(stack: Stack) -> bool:
    """Measures and shows; returns whether the targets are met."""
    settings = f"{stack.providers_url}/_sim/settings"
    httpx.post(settings, json={"text_delay_seconds": WORD_SECONDS}).raise_for_status()
    author, first_ms, late_ms, done_ms = Author(stack), list[float](), list[float](), list[float]()
    for number in range(WARM_UPS + READERS):
        events, words = author.written(number)
        if number == WARM_UPS:
            _show_run(events, words)
        if number >= WARM_UPS:
            first, late, done = _delays(events, words)
            first_ms.append(first)
            late_ms += late
            done_ms.append(done)
    author.http.close()
    _show("first shot after the vendor's first byte", first_ms, FIRST_TARGET_MS)
    _show("a shot's event after its text", late_ms, EVENT_TARGET_MS)
    _show("done after the last shot's text", done_ms, EVENT_TARGET_MS)
    is_soon = max(late_ms + done_ms) <= EVENT_TARGET_MS
    return max(first_ms) <= FIRST_TARGET_MS and is_soon


def _delays(
    events: list[Arrived], words: list[tuple[float, str]]
) -> tuple[float, list[float], float]:
    shots, at = [event for event in events if event.name == "shot"], sent_at(words)
    begin = min(event.data["shot_number"] for event in shots) - 1
    late = [
        event.ms - at[event.data["shot_number"] - begin, event.data["status"]] for event in shots
    ]
    return shots[0].ms - words[0][0], late, events[-1].ms - max(at.values())


def _show_run(events: list[Arrived], words: list[tuple[float, str]]) -> None:
    """One stream as `curl -N` shows it, in milliseconds since the vendor's first byte."""
    at, begin = sent_at(words), words[0][0]
    for event in events:
        step = event.data.get("shot_number", 0), event.data.get("status", "")
        done = f"text complete {at[step] - begin:>5.0f}" if step in at else ""
        print(
            f"  {event.ms - begin:>6.0f} ms  {event.name:<5} {step[0] or '':<2}{step[1]:<10} {done}"
        )
    print(f"  {words[-1][0] - begin:>6.0f} ms  the vendor's last byte that was read")


def _show(what: str, delays_ms: list[float], target_ms: int) -> None:
    median, most = statistics.median(delays_ms), max(delays_ms)
    print(f"{what:<42} {median:.0f} ms median, {most:.0f} ms most (target {target_ms})")
