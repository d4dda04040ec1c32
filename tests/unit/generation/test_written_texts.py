"""Texts that a function writes whole, because nobody reads along: paid once, for a whole answer."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from showreel.core import dynamo
from showreel.core.errors import (
    ProviderContentPolicy,
    ProviderModelGone,
    ProviderRateLimited,
    ProviderUpstream,
)
from showreel.generation.engine import Engine
from showreel.generation.models import Job, JobRequest
from showreel.generation.service import cancel, create_job
from showreel.generation.steps import calling, make_text
from showreel.generation.text.job import text_result
from showreel.providers.text import Message, TextDelta, TextEnd, TextRequest, TextUsage
from tests.unit.generation import support
from tests.unit.generation.support import GRANT, WORKSPACE, FakeVendor, Machine, ledger_is_sound
from tests.unit.generation.test_kill_points import Reaper

MODEL, PRICE = "google/gemini-3.5-flash-lite", 2
CALLS_OF_A_TEXT = 17


@dataclass
class FakeWriter:
    """Implements the port of language models. `script` has errors or whole answers."""

    script: list[Any] = field(default_factory=list)
    requests: list[TextRequest] = field(default_factory=list)
    closed: int = 0
    is_out: Callable[[], bool] = lambda: False

    def check_health(self, upstream: str) -> None:
        assert upstream
        if self.is_out():
            raise ProviderUpstream("no answer")

    def stream(self, request: TextRequest) -> Iterator[TextDelta | TextEnd]:
        self.requests.append(request)
        said = self.script.pop(0) if self.script else "A red door, half open."
        try:
            if isinstance(said, Exception):
                raise said
            for word in said.split(" "):
                yield TextDelta(f"{word} ")
            yield TextEnd("stop", TextUsage(7, 9))
        finally:
            self.closed += 1


@pytest.fixture
def writer(monkeypatch: pytest.MonkeyPatch) -> FakeWriter:
    known = FakeWriter()
    monkeypatch.setattr(make_text, "get_text", lambda _: known)
    return known


@pytest.fixture
def on(engine: Engine, writer: FakeWriter, clock: Any, monkeypatch: pytest.MonkeyPatch) -> Engine:
    monkeypatch.setattr(calling, "now_seconds", clock)
    return Engine(engine.jobs, engine.ledger, lambda _: FakeVendor())


@pytest.fixture
def machine(on: Engine, clock: Any) -> Machine:
    return Machine(on, clock, lambda _: pytest.fail("no rendering here"), attempts=30)


def request(**changes: Any) -> JobRequest:
    fields: dict[str, Any] = {
        "catalogue_id": MODEL,
        "kind": "graph-node",
        "media_type": "text",
        "prompt": "Describe a door",
        "inputs": {"prompt": "Describe a door", "systemPrompt": "Be brief", "maxTokens": 99},
        "image_key": None,
        "duration_seconds": None,
    }
    return support.request(**(fields | changes))


def made(machine: Machine, **changes: Any) -> Job:
    create_job(machine.engine, request(**changes))
    return machine.run("job")


def spent(on: Engine) -> int:
    assert on.ledger.open_holds(WORKSPACE) == []
    ledger_is_sound(on)
    return GRANT - on.ledger.account(WORKSPACE).balance


def test_the_whole_text_is_on_the_job_and_paid(machine, writer, on):
    job = made(machine)
    assert (job.status, job.credits_debited, spent(on)) == ("completed", PRICE, PRICE)
    assert text_result(job).text == "A red door, half open. "
    assert text_result(job).usage == TextUsage(7, 9)
    assert writer.closed == 1
    (sent,) = writer.requests
    assert sent.messages == (Message("system", "Be brief"), Message("user", "Describe a door"))
    assert sent.max_output_tokens == 99


def test_a_text_ordered_in_an_outage_is_written_after_it(machine, writer, on, clock):
    writer.is_out = lambda: clock.seconds < support.START_SECONDS + 600
    job = made(machine)
    assert (job.status, len(writer.requests), spent(on)) == ("completed", 1, PRICE)


def test_a_busy_or_broken_vendor_is_asked_again(machine, writer, on):
    writer.script += [ProviderRateLimited("429"), ProviderUpstream("503"), "Yes."]
    job = made(machine)
    assert (text_result(job).text, spent(on), len(writer.requests)) == ("Yes. ", PRICE, 3)


def test_a_refused_prompt_is_final_and_free(machine, writer, on):
    writer.script.append(ProviderContentPolicy("no"))
    job = made(machine)
    assert (job.status, job.error_code, spent(on)) == ("failed", "content_policy", 0)


def test_a_model_that_is_gone_has_its_replacement(machine, writer, on):
    writer.script.append(ProviderModelGone("404"))
    job = made(machine)
    assert (job.status, job.replaced) == ("completed", True)
    assert job.model != MODEL
    assert spent(on) <= PRICE


@pytest.mark.parametrize("answer", ["not json", "[1, 2]"])
def test_an_answer_that_is_not_the_object_asked_for_is_not_paid(machine, writer, on, answer):
    writer.script.append(answer)
    wanted = {"prompt": "A scene as JSON", "responseFormat": "json"}
    job = made(machine, inputs=wanted)
    assert (job.status, job.error_code, spent(on)) == ("failed", "bad_delivery", 0)
    assert [sent.json_only for sent in writer.requests] == [True]


def test_a_cancel_while_it_is_written_wins(machine, writer, on, monkeypatch):
    create_job(on, request())
    real = writer.stream

    def canceled_meanwhile(sent: TextRequest) -> Iterator[TextDelta | TextEnd]:
        cancel(on, "job")
        return real(sent)

    monkeypatch.setattr(writer, "stream", canceled_meanwhile)
    assert (machine.run("job").status, spent(on)) == ("canceled", 0)


@pytest.mark.parametrize("mode", ["after", pytest.param("before", marks=pytest.mark.deep)])
@pytest.mark.parametrize("call", range(1, CALLS_OF_A_TEXT + 1))
def test_a_kill_at_every_call_costs_once(machine, writer, on, answers, monkeypatch, call, mode):
    """What the process that died had read is lost: another attempt, with a key of its own."""
    reaper = Reaper({call: mode})
    send = lambda token, output: answers.sent.append((token, dict(output)))  # noqa: E731
    monkeypatch.setattr(dynamo, "_call", reaper.around(dynamo._call))
    monkeypatch.setattr("showreel.generation.tokens.answer_token", reaper.around(send))
    monkeypatch.setattr(writer, "stream", reaper.around(writer.stream))
    machine._task(lambda: create_job(on, request()))
    job = machine.run("job")
    assert call <= reaper.calls
    assert (job.status, bool(job.settled_at)) == ("completed", True)
    assert spent(on) == PRICE
    assert len(writer.requests) <= 2
    assert {answer["status"] for answer in answers.of("parent-1")} == {"completed"}


def test_what_is_free_needs_no_hold_and_is_never_captured(machine, writer, on):
    job = made(machine, quoted_credits=0)
    assert (job.status, job.credits_debited, spent(on)) == ("completed", 0, 0)
    assert [entry.kind for entry in on.ledger.entries(WORKSPACE)] == ["grant"]
