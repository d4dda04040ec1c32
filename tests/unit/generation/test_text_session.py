"""A text on its way, with a vendor and an end that tests command."""

import json
from collections.abc import Iterator
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest

from showreel.catalog import get_model
from showreel.core import settings as core_settings
from showreel.core.errors import (
    AppError,
    Conflict,
    ProviderError,
    ProviderRateLimited,
    ProviderUpstream,
    Transient,
)
from showreel.generation.models import Job, JobOutput, JobRequest, Terms, Wanted
from showreel.generation.service import new_job
from showreel.generation.text import asking
from showreel.generation.text import session as text_run
from showreel.generation.text.job import TextEnding
from showreel.generation.text.session import TextRun
from showreel.orders.conversation import order_of
from showreel.providers.http import NotSent
from showreel.providers.text import TextDelta, TextEnd, TextRequest, TextUsage
from showreel.singles.text.stream import TextStream

if TYPE_CHECKING:
    from showreel.generation.engine import Engine

MODEL = "openai/gpt-oss-20b"
END = TextEnd("stop", TextUsage(3, 4))
WORDS = [TextDelta("A "), TextDelta("lamp."), END]


class World:
    """A vendor that says what is in its scripts, and endings that are noted."""

    def __init__(self) -> None:
        self.scripts: list[list[Any]] = []
        self.asked: list[TextRequest] = []
        self.endings: list[TextEnding] = []
        self.end_faults: list[Exception] = []
        self.closed = 0
        self.other_end: str | None = None
        self.row: dict[str, Any] | Exception = {}
        self.looks = 0
        self.now = 0.0
        self.jobs = self

    def get(self, _job_id: str) -> Any:
        """The row, as a stream that looks at it finds it."""
        self.looks += 1
        if isinstance(self.row, Exception):
            raise self.row
        return SimpleNamespace(**{"cancel_requested": False, "is_finished": False} | self.row)

    def stream(self, request: TextRequest) -> Iterator[Any]:
        self.asked.append(request)
        try:
            for said in self.scripts.pop(0):
                if isinstance(said, Exception):
                    raise said
                yield said
        finally:
            self.closed += 1

    def end(self, _on: Any, job: Job, ending: TextEnding) -> Job:
        if self.end_faults:
            raise self.end_faults.pop(0)
        self.endings.append(ending)
        status = self.other_end or ending.status
        done = {"status": status, "finished_at": "2026-11-21T00:00:00Z"}
        told = {"delivery": JobOutput(result=ending.result.model_dump_json()), "credits_debited": 1}
        return job.model_copy(update=done | told | {"error_code": ending.error_code})

    def run(self, *script: Any, is_whole: bool = False, **inputs: Any) -> TextRun:
        self.scripts.append(list(script))
        order = order_of(get_model(MODEL), {"prompt": "A lamp"} | inputs)
        request = JobRequest(
            job_id="job",
            workspace_id="ws",
            kind="text",
            catalogue_id=MODEL,
            wanted=Wanted(media_type="text", prompt="A lamp"),
            terms=Terms(deadline_at_seconds=2_000_000_000),
            has_execution=False,
        )
        return TextRun(cast("Engine", self), new_job(request), order, is_whole=is_whole)


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    made = World()
    core_settings.settings.cache_clear()
    monkeypatch.setattr(asking, "get_text", lambda _: made)
    monkeypatch.setattr(text_run, "end_text", made.end)
    clock = SimpleNamespace(sleep=lambda _: None, monotonic=lambda: made.now)
    monkeypatch.setattr(text_run, "time", clock)
    monkeypatch.setattr(asking, "time", clock)
    yield made
    core_settings.settings.cache_clear()


def test_pieces_are_passed_on_and_the_end_is_paid(world: World) -> None:
    run = world.run(*WORDS)
    assert world.asked == []
    run.begin()
    assert [run.more(), run.more(), run.more(), run.more()] == ["A ", "lamp.", None, None]
    (ending,) = world.endings
    assert (ending.status, ending.result.text, ending.result.usage) == (
        "completed",
        "A lamp.",
        END.usage,
    )
    run.close()
    assert len(world.endings) == 1


def test_an_answer_that_is_not_begun_costs_nothing(world: World) -> None:
    run = world.run(*WORDS)
    run.begin()
    TextStream(run).close()
    (ending,) = world.endings
    assert (ending.status, ending.result.text, ending.error_code) == (
        "failed",
        "",
        "internal_error",
    )
    assert world.closed == 1


def test_an_answer_that_is_broken_off_costs_what_was_passed_on(world: World) -> None:
    run = world.run(*WORDS)
    run.begin()
    body = TextStream(run)
    next(body)
    body.close()
    assert world.endings[0].result.text == "A "
    assert world.closed == 1
    with pytest.raises(StopIteration):
        next(body)


@pytest.mark.parametrize("row", [{"cancel_requested": True}, {"is_finished": True}])
def test_a_text_that_is_to_stop_ends_with_what_was_passed_on(
    world: World, row: dict[str, Any]
) -> None:
    run = world.run(*WORDS)
    run.begin()
    body = TextStream(run)
    next(body)
    world.row, world.now = row, 1.0
    told = json.loads(next(body).removeprefix(b"data: "))
    assert (told["error"]["code"], told["job_id"], told["credits"]) == ("canceled", "job", 1)
    assert list(body) == []
    (ending,) = world.endings
    assert (ending.status, ending.result.text, ending.error_code) == ("canceled", "A ", "canceled")
    assert world.closed == 1, "the vendor's call"
    body.close()
    assert len(world.endings) == 1


def test_a_whole_answer_that_was_stopped_was_sent_to_nobody(world: World) -> None:
    run = world.run(*WORDS, is_whole=True)
    run.begin()
    run.more()
    world.row, world.now = {"cancel_requested": True}, 1.0
    with pytest.raises(Conflict):
        run.more()
    assert world.endings[0].result.text == ""


def test_the_row_is_looked_at_once_a_second_and_a_look_that_fails_changes_nothing(
    world: World,
) -> None:
    run = world.run(*(TextDelta("x") for _ in range(300)), END)
    run.begin()
    world.row = Transient("throttled")
    while run.more() is not None:
        world.now += 0.01
    assert world.looks in {2, 3}
    assert world.endings[0].status == "completed"


def test_a_stop_that_could_not_be_written_is_tried_once_more(world: World) -> None:
    run = world.run(*WORDS)
    run.begin()
    body = TextStream(run)
    next(body)
    world.row, world.now, world.end_faults = {"cancel_requested": True}, 1.0, [Transient("x")]
    assert b"try_again" in next(body)
    body.close()
    assert (world.endings[0].status, world.endings[0].result.text) == ("canceled", "A ")


@pytest.mark.parametrize(
    ("script", "code"),
    [
        ([END], "bad_delivery"),
        ([TextEnd("length")], "bad_delivery"),
        ([], "provider_upstream"),
        ([ProviderUpstream("x")], "provider_upstream"),
        ([ProviderRateLimited("x", retry_after_seconds=60)], "provider_rate_limited"),
    ],
)
def test_what_fails_before_the_first_piece_is_raised(
    world: World, script: list[Any], code: str
) -> None:
    run = world.run(*script)
    with pytest.raises(ProviderError) as caught:
        run.begin()
    assert (caught.value.code, caught.value.status) == (code, 502)
    assert caught.value.details["job_id"] == "job"
    assert world.endings[0].error_code == code
    assert len(world.asked) == 1


@pytest.mark.parametrize("error", [ProviderRateLimited("x"), NotSent("x")])
def test_a_vendor_that_did_nothing_is_asked_three_times(world: World, error: Exception) -> None:
    run = world.run(error)
    world.scripts += [[error], [*WORDS]]
    run.begin()
    assert run.more() == "A "
    assert len(world.asked) == 3
    lasting = world.run(error)
    world.scripts += [[error], [error], [*WORDS]]
    with pytest.raises(ProviderError):
        lasting.begin()
    assert len(world.asked) == 6


def test_a_vendor_that_is_switched_off_is_not_asked(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DISABLED_PROVIDERS", "kling, groq")
    with pytest.raises(ProviderError) as caught:
        world.run(*WORDS).begin()
    assert caught.value.code == "provider_disabled"
    assert world.asked == []


def test_a_text_beyond_its_bound_ends_there(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_run, "MAX_TEXT_BYTES", 30)
    run = world.run(TextDelta("x" * 20), TextDelta("y" * 20), END)
    run.begin()
    assert [run.more(), run.more()] == ["x" * 20, None]
    assert world.endings[0].result.finish_reason == "length"
    assert world.closed == 1


@pytest.mark.parametrize("text", ["[1]", "no", '{"a": 1', "1", "[" * 100_000])
def test_a_whole_answer_in_json_is_one_object(world: World, text: str) -> None:
    run = world.run(TextDelta(text), END, is_whole=True, responseFormat="json")
    run.begin()
    run.more()
    with pytest.raises(ProviderError) as caught:
        run.more()
    assert caught.value.code == "bad_delivery"
    assert world.endings[0].result.text == "", "nobody got it"


def test_a_whole_answer_that_breaks_was_sent_to_nobody(world: World) -> None:
    run = world.run(TextDelta("A"), ProviderUpstream("x"), is_whole=True)
    run.begin()
    run.more()
    with pytest.raises(ProviderError):
        run.more()
    assert world.endings[0].result.text == ""


def test_a_stream_that_breaks_ends_with_an_error_event(world: World) -> None:
    run = world.run(TextDelta("A"), ProviderUpstream("their secret"))
    run.begin()
    frames = list(TextStream(run))
    told = json.loads(frames[-1].removeprefix(b"data: "))
    assert told["error"]["code"] == told["code"] == "provider_upstream"
    assert "secret" not in str(told)
    assert b"[DONE]" not in b"".join(frames)


def test_a_fault_of_our_own_is_opaque_and_ends_the_job(world: World) -> None:
    run = world.run(TextDelta("A"), RuntimeError("an inner secret"))
    run.begin()
    told = json.loads(list(TextStream(run))[-1].removeprefix(b"data: "))
    assert told["error"]["message"] == "Internal error"
    assert (world.endings[0].status, world.endings[0].error_code) == ("failed", "internal_error")


def test_an_end_that_could_not_be_written_is_tried_once_more(world: World) -> None:
    world.end_faults = [Transient("throttled")]
    run = world.run(*WORDS)
    run.begin()
    body = TextStream(run)
    told = json.loads(list(body)[-1].removeprefix(b"data: "))
    assert told["error"]["code"] == "try_again"
    assert world.endings == []
    body.close()
    assert world.endings[0].status == "completed"


def test_the_model_is_never_asked_for_more_than_it_can(world: World) -> None:
    run = world.run(*WORDS, maxTokens=99_999, responseFormat="json", temperature=0)
    run.begin()
    (asked,) = world.asked
    assert (asked.max_output_tokens, asked.json_only, asked.temperature) == (8192, True, 0)
    assert asked.parameters == {"reasoning_effort": "low"}


def test_errors_of_the_caller_are_no_error_of_the_vendor(world: World) -> None:
    run = world.run(ProviderError("x", code="content_policy"))
    with pytest.raises(AppError) as caught:
        run.begin()
    assert (caught.value.status, caught.value.code) == (400, "content_policy")


@pytest.mark.parametrize("is_whole", [True, False])
def test_a_job_that_ended_otherwise_is_no_success(world: World, is_whole: bool) -> None:
    run = world.run(*WORDS, is_whole=is_whole)
    world.other_end = "failed"
    run.begin()
    assert [run.more(), run.more()] == ["A ", "lamp."]
    with pytest.raises(ProviderError):
        run.more()
    assert len(world.endings) == 1
