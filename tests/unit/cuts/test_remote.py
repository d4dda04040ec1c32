"""Exports by the remote renderer: what it is sent, and that our own film stays whatever it does."""

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest

from showreel.core.errors import (
    Conflict,
    ProviderAuth,
    ProviderError,
    ProviderQuota,
    ProviderUpstream,
)
from showreel.cuts.steps import compile_cut, compose_cut
from showreel.providers.base import (
    Failed,
    Pending,
    PollResult,
    SubmitRequest,
    SubmitUnknown,
    Succeeded,
    VendorTask,
)
from tests.unit.cuts.world import World
from tests.unit.films.support import fault

REMOTE = {"provider": "fal_remote"}
FILM = Succeeded(("https://v3.fal.media/files/film.mp4",))


@dataclass
class Vendor:
    """Does what a test says."""

    refusal: Exception | None = None
    results: list[PollResult | ProviderError] = field(default_factory=lambda: [Pending(), FILM])
    sent: list[SubmitRequest] = field(default_factory=list)
    stopped: list[str] = field(default_factory=list)
    pause_seconds: int = 0
    brought_home: bool = True

    def submit(self, request: SubmitRequest) -> VendorTask:
        self.sent.append(request)
        if self.refusal is not None:
            raise self.refusal
        return VendorTask("task-1", "handle-1")

    def poll(self, task: VendorTask) -> PollResult:
        assert task == VendorTask("task-1", "handle-1")
        result = self.results.pop(0) if len(self.results) > 1 else self.results[0]
        if isinstance(result, ProviderError):
            raise result
        return result

    def cancel(self, task: VendorTask) -> bool:
        self.stopped.append(task.task_id)
        return True


@pytest.fixture
def vendor(monkeypatch: pytest.MonkeyPatch) -> Vendor:
    made = Vendor()
    circuits = SimpleNamespace(
        pause=lambda *_: made.pause_seconds, watched=lambda *_: nullcontext()
    )
    monkeypatch.setattr(compose_cut, "get_provider", lambda _name: made)
    monkeypatch.setattr(compose_cut, "circuits", lambda: circuits)
    monkeypatch.setattr(compose_cut, "_signed", lambda key: f"https://bucket/{key}")

    def bring_home(plan: Any, found: compose_cut.Remote, *_: Any) -> bool:
        if made.brought_home:
            compose_cut._note(plan.job_id, found.model_copy(update={"etag": "theirs"}))
        return made.brought_home

    monkeypatch.setattr(compose_cut, "_bring_home", bring_home)
    monkeypatch.setattr(compose_cut, "_is_in_place", lambda _plan, found: found.etag == "theirs")
    return made


def begun(here: World, **settings: Any) -> str:
    """An export whose own film is there."""
    for number in range(2):
        here.shot(video=1.5 + number)
    told = here.begin(settings={**REMOTE, **settings})
    assert (told.provider, told.fallback_used) == ("fal_remote", False)
    for index in here.load(told.job_id):
        here.piece(told.job_id, index)
    assert compile_cut.compile_cut(told.job_id).is_remote
    return told.job_id


def composed(here: World, job: str, looks: int = 20) -> tuple[str, str | None]:
    """The renderer, and why it isn't the remote one, at the end."""
    while looks and compose_cut.compose_cut(job).wait_seconds:
        looks -= 1
    here.finalize(job)
    state = here.status(job)
    assert (state.status, state.credits_used, here.money()) == ("completed", 12, (88, 88))
    assert state.fallback_used == (state.fallback_reason is not None)
    return state.provider, state.fallback_reason


def test_the_vendor_gets_the_pieces_and_its_film_is_delivered(here: World, vendor: Vendor) -> None:
    assert composed(here, begun(here)) == ("fal_remote", None)
    (sent,) = vendor.sent
    assert sent.upstream == "fal-ai/ffmpeg-api/compose"
    (track,) = sent.inputs["tracks"]
    times = [(one["timestamp"], one["duration"]) for one in track["keyframes"]]
    assert (track["type"], times) == ("video", [(0, 1500), (1500, 2500)])
    assert all(one["url"].startswith("https://bucket/work/") for one in track["keyframes"])


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"transitions": "crossfade"}, "transitions"),
        ({"codec": "h265"}, "codec"),
        ({"quality": "high"}, "quality"),
    ],
)
def test_what_the_vendor_can_not_do_falls_back_at_once(
    here: World, vendor: Vendor, settings: dict[str, Any], reason: str
) -> None:
    for _ in range(2):
        here.shot(video=2.0)
    told = here.begin(settings=REMOTE | settings)
    assert (told.provider, told.fallback_used, told.fallback_reason) == ("ffmpeg", True, reason)
    for index in here.load(told.job_id):
        here.piece(told.job_id, index)
    assert not compile_cut.compile_cut(told.job_id).is_remote
    here.finalize(told.job_id)
    assert (here.status(told.job_id).fallback_reason, vendor.sent) == (reason, [])


def refuses(error: Exception) -> Callable[[Vendor], None]:
    return lambda vendor: setattr(vendor, "refusal", error)


def answers(*results: PollResult | ProviderError) -> Callable[[Vendor], None]:
    return lambda vendor: setattr(vendor, "results", list(results))


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (refuses(ProviderAuth("no")), ProviderAuth.code),
        (refuses(SubmitUnknown("?")), SubmitUnknown.code),
        (answers(Pending(), Failed(ProviderQuota("no"))), ProviderQuota.code),
        (lambda vendor: setattr(vendor, "pause_seconds", 30), "provider_unavailable"),
    ],
)
def test_our_own_film_stays_when_the_vendor_fails(
    here: World, vendor: Vendor, spoil: Callable[[Vendor], None], reason: str
) -> None:
    job = begun(here)
    spoil(vendor)
    assert composed(here, job) == ("ffmpeg", reason)
    assert len(vendor.sent) <= 1


def test_a_vendor_that_is_switched_off_is_not_asked(
    here: World, vendor: Vendor, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = begun(here)
    monkeypatch.setenv("DISABLED_PROVIDERS", "kling, fal")
    assert composed(here, job) == ("ffmpeg", "provider_disabled")
    assert vendor.sent == []


def test_a_poll_that_fails_says_nothing(here: World, vendor: Vendor) -> None:
    answers(ProviderUpstream("broken"), FILM)(vendor)
    assert composed(here, begun(here)) == ("fal_remote", None)


@pytest.mark.parametrize("results", [[Pending()], [ProviderUpstream("out")], [FILM]])
def test_a_vendor_that_takes_too_long_is_canceled(
    here: World, vendor: Vendor, monkeypatch: pytest.MonkeyPatch, results: list[PollResult]
) -> None:
    job = begun(here)
    answers(*results)(vendor)
    vendor.brought_home = False
    assert compose_cut.compose_cut(job).wait_seconds
    assert compose_cut.compose_cut(job).wait_seconds
    later = compose_cut.now_seconds() + 3600
    monkeypatch.setattr(compose_cut, "now_seconds", lambda: later)
    assert composed(here, job) == ("ffmpeg", "provider_timeout")
    assert vendor.stopped == ["task-1"]


def test_it_waits_no_longer_than_the_export_has(
    here: World, vendor: Vendor, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = begun(here)
    answers(Pending())(vendor)
    deadline = here.run(job).deadline_at
    assert deadline is not None
    monkeypatch.setattr(compose_cut, "now_seconds", lambda: deadline - 710)
    assert compose_cut.compose_cut(job).wait_seconds
    assert compose_cut.compose_cut(job).wait_seconds
    monkeypatch.setattr(compose_cut, "now_seconds", lambda: deadline - 690)
    assert composed(here, job, looks=1) == ("ffmpeg", "provider_timeout")


def test_a_create_is_never_sent_twice(here: World, vendor: Vendor) -> None:
    job = begun(here)
    refuses(RuntimeError("killed"))(vendor)
    with pytest.raises(RuntimeError):
        compose_cut.compose_cut(job)
    vendor.refusal = None
    assert composed(here, job) == ("ffmpeg", "submit_unknown")
    assert len(vendor.sent) == 1


def test_a_step_that_never_ran_is_a_fallback_too(here: World, vendor: Vendor) -> None:
    assert composed(here, begun(here), looks=0) == ("ffmpeg", "remote_failed")


def test_a_film_that_is_in_place_is_not_fetched_again(here: World, vendor: Vendor) -> None:
    job = begun(here)
    while compose_cut.compose_cut(job).wait_seconds:
        pass
    answers(Failed(ProviderUpstream("gone")))(vendor)
    assert composed(here, job) == ("fal_remote", None)


def test_a_canceled_export_is_not_composed(here: World, vendor: Vendor) -> None:
    job = begun(here)
    here.on.runs.change(job, lambda _run: {"cancel_requested": True})
    assert isinstance(fault(lambda: compose_cut.compose_cut(job)), Conflict)
    assert vendor.sent == []


def test_a_retry_asks_the_vendor_again(here: World, vendor: Vendor) -> None:
    job = begun(here)
    refuses(ProviderAuth("no"))(vendor)
    assert composed(here, job)[0] == "ffmpeg"
    told = here.begin("retry")
    assert (told.provider, told.fallback_used) == ("fal_remote", False)
