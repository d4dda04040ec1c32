"""The calls of `project-auto-generate` as conversations, which both services run.

The server does the work: closing a stream, or stopping to wait, doesn't stop the run.
"""

import dataclasses
import math
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlencode

from showreel_client import batches, faults, values
from showreel_client.batches import BatchPhase, BatchResult, QueuedBatch
from showreel_client.budget import Budget
from showreel_client.effects import Answer, Conversation, Effect, Emit, Lost, Read, Request, Sleep
from showreel_client.generation import Setting
from showreel_client.request_ids import request_id_of
from showreel_client.routes import Route
from showreel_client.run import Run, body_of, pause, settled
from showreel_client.sse import Event, Parser, TooMuch

ROUTE = Route("project-auto-generate", "project-auto-generate", "edge_function_error")
PAGE = "100"
BRIEF_SECONDS = 0.5
"""A stream that ends sooner, without an event, counts as failed."""


class BatchCalls:
    """Begins runs, follows them and reads them."""

    def __init__(self, setting: Setting) -> None:
        self._setting = setting

    def queue(
        self,
        project_id: str,
        phase: BatchPhase,
        models: Mapping[str, str | None],
        request_id: str | None,
        *,
        dry_run: bool = False,
    ) -> Conversation[QueuedBatch]:
        """Begins a run, or returns what one would make."""
        run = self._run(request_id)
        named = {name: model for name, model in models.items() if model is not None}
        body = {"project_id": project_id, "phase": phase, "dry_run": dry_run, **named}
        answer = body_of(run, (yield from settled(run, run.post(body))))
        return batches.queued_of(answer)

    def result(self, run_id: str) -> Conversation[BatchResult]:
        """Reads a run with all its shots, page by page."""
        run, cursor = self._run(), None
        found: BatchResult | None = None
        while True:
            query = {"run_id": run_id, "limit": PAGE} | ({"cursor": cursor} if cursor else {})
            request = Request("GET", _url(run, "", query), {"Accept": "application/json"})
            body = body_of(run, (yield from settled(run, request)))
            shots = (*(found.shots if found else ()), *batches.shots_of(body))
            found = dataclasses.replace(batches.result_of(body), shots=shots)
            following = values.text(body.get("next_cursor"))
            if following is None:
                return found
            if following == cursor:
                raise run.error("The answer is not a part of a list")
            cursor = following

    def follow(self, run_id: str) -> Conversation[None]:
        """Emits each shot when it is over, until the run is; reconnects where the stream broke."""
        run, reader = self._run(), _Reader()
        while True:
            query, headers = {"run_id": run_id}, {"Accept": "text/event-stream"}
            headers |= {"Last-Event-ID": reader.after} if reader.after else {}
            answer = yield from settled(run, Request("GET", _url(run, "/stream", query), headers))
            if not answer.is_ok:
                raise faults.error_of(answer, ROUTE.error_code)
            started = run.budget.surroundings.clock()
            fault = yield from _read(run, reader, answer)
            if reader.is_over:
                return
            is_brief = run.budget.surroundings.clock() - started < BRIEF_SECONDS
            if fault is None and (reader.has_news or not is_brief):
                run.budget.renew()
                yield Sleep(run.budget.limits.poll_seconds)
            else:
                yield from pause(run, fault or Lost("the stream has no body"))

    def make(
        self,
        project_id: str,
        phase: BatchPhase,
        models: Mapping[str, str | None],
        request_id: str | None,
    ) -> Conversation[BatchResult]:
        """Begins a run and waits for its end, as long as it takes."""
        queued = yield from self.queue(project_id, phase, models, request_id)
        if queued.run_id is None:
            return batches.nothing_of(queued)
        yield from self.follow(queued.run_id)
        return (yield from self.result(queued.run_id))

    def _run(self, request_id: str | None = None) -> Run:
        """Returns a run without a deadline, which is the server's; attempts stay limited."""
        run = self._setting.run(ROUTE, request_id_of(request_id))
        limits = dataclasses.replace(self._setting.limits, total_seconds=math.inf)
        run.budget = Budget(limits, self._setting.surroundings)
        return run


class _Reader:
    """Reads the events `status`, `shot`, `stopped` and `end`; others are ignored."""

    def __init__(self) -> None:
        self.after = ""
        self.is_over = False
        self.has_news = False
        self._total = self._over = 0

    def take(self, run: Run, event: Event) -> Iterator[Effect]:
        """Takes one event, and yields its effects."""
        self.after, self.has_news = event.id or self.after, True
        body = event.json or {}
        if event.name == "error":
            raise faults.error_in(body, ROUTE.error_code)
        if event.name == "end":
            self.is_over = True
            yield from run.meter.finish()
        elif event.name == "status":
            self._total = values.whole(body.get("total")) or self._total
            if not self._over:
                yield from run.meter.to(1, "Generating")
        elif event.name == "shot" and (shot := batches.shot_of(body)):
            self._over += 1
            yield Emit(shot)
            percent = 100 * self._over / max(self._total, self._over)
            yield from run.meter.to(percent, f"{self._over} of {self._total} shots are done")


def _read(run: Run, reader: _Reader, answer: Answer) -> Conversation[Lost | None]:
    """Reads one connection's events. Returns None when the server has ended it."""
    parser, data = Parser(), answer.body
    reader.has_news = False
    while not reader.is_over:
        if answer.is_stream:
            received = yield Read()
            if isinstance(received, Lost):
                return received
            data = received
        try:
            for event in parser.feed(data) if data else parser.end():
                yield from reader.take(run, event)
        except TooMuch as error:
            raise run.error(f"The stream can't be read: {error}") from error
        if not data:
            return None
        data = b""
    return None


def _url(run: Run, path: str, query: Mapping[str, Any]) -> str:
    return f"{run.base_url}/functions/v1/{ROUTE.function}{path}?{urlencode(query)}"
