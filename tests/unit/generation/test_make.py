"""Vendors that answer with the file: billed once at most, lost ones not sent again, nothing paid
that isn't delivered.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from showreel.core import dynamo
from showreel.core.errors import (
    MediaError,
    NotFound,
    ProviderAuth,
    ProviderContentPolicy,
    ProviderModelGone,
    ProviderQuota,
    ProviderRateLimited,
    ProviderUpstream,
    Transient,
)
from showreel.core.settings import settings
from showreel.generation import deliver
from showreel.generation.engine import Engine
from showreel.generation.models import Job, JobRequest
from showreel.generation.service import cancel, create_job
from showreel.generation.steps import make_file as make
from showreel.media import audio_probe
from showreel.media.audio_probe import Sound
from showreel.providers.base import SubmitUnknown
from showreel.providers.synchronous import MadeFile, MakeRequest
from tests.unit.generation import support
from tests.unit.generation.support import (
    GRANT,
    START_SECONDS,
    WORKSPACE,
    FakeVendor,
    Machine,
    ledger_is_sound,
)
from tests.unit.generation.test_kill_points import MODES, Reaper

KEY = "audio/0b8e2c9c-7a83-4a35-9a21-9a07c2a6f0a1.mp3"
PRICE = 5
CALLS_OF_A_SOUND = 21


@dataclass
class FakeMaker:
    """Implements the port of synchronous vendors. `script` has errors, contents, or None."""

    name: str = "elevenlabs"
    base_url: str = "https://elevenlabs.example"
    script: list[Any] = field(default_factory=list)
    requests: list[MakeRequest] = field(default_factory=list)
    billed: int = 0
    is_out: Callable[[], bool] = lambda: False

    def check_health(self, upstream: str) -> None:
        assert upstream
        if self.is_out():
            raise ProviderUpstream("no answer")

    def make(self, request: MakeRequest, path: Path, *, total_seconds: float) -> MadeFile:
        assert 0 < total_seconds < 300
        self.requests.append(request)
        said = self.script.pop(0) if self.script else None
        if isinstance(said, Exception):
            self.billed += isinstance(said, SubmitUnknown)
            raise said
        self.billed += 1
        path.write_bytes(said or b"ID3good")
        return MadeFile("audio/mpeg", 42)


class Bucket:
    """Keeps objects as long as the test lives."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}

    def exists(self, key: str) -> bool:
        return key in self.objects

    def put_file(self, key: str, path: Path, content_type: str) -> None:
        assert content_type == "audio/mpeg"
        self.objects[key] = path.read_bytes()

    def get_file(self, key: str, path: Path) -> None:
        if key not in self.objects:
            raise NotFound("no such object")
        path.write_bytes(self.objects[key])


def gate(path: Path, *, content_type: str, wanted_seconds: float | None) -> Sound:
    if b"good" not in path.read_bytes():
        raise MediaError("not a sound")
    return Sound(content_type, wanted_seconds or 3.2)


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Bucket:
    known = Bucket()
    for module in (deliver, make):
        monkeypatch.setattr(module, "storage", lambda: known)
    monkeypatch.setattr(audio_probe, "verify_sound", gate)
    return known


@pytest.fixture
def maker() -> FakeMaker:
    return FakeMaker()


@pytest.fixture
def on(engine: Engine, maker: FakeMaker, bucket: Bucket) -> Engine:
    return Engine(engine.jobs, engine.ledger, lambda _: FakeVendor(), lambda _: maker)


@pytest.fixture
def machine(on: Engine, clock: Any) -> Machine:
    return Machine(on, clock, lambda _: pytest.fail("no rendering here"))


def request(**changes: Any) -> JobRequest:
    fields: dict[str, Any] = {
        "catalogue_id": "elevenlabs-sfx",
        "kind": "elevenlabs-sfx",
        "media_type": "audio",
        "prompt": "Rain on a tin roof",
        "inputs": {"text": "Rain on a tin roof", "duration_seconds": 5, "loop": True},
        "image_key": None,
        "output_key": KEY,
    }
    return support.request(**(fields | changes))


def made(machine: Machine, **changes: Any) -> Job:
    create_job(machine.engine, request(**changes))
    return machine.run("job")


def spent(on: Engine) -> int:
    account = on.ledger.account(WORKSPACE)
    assert account.available == account.balance
    assert on.ledger.open_holds(WORKSPACE) == []
    ledger_is_sound(on)
    return GRANT - account.balance


def test_a_sound_is_made_in_one_call(machine, maker, bucket, on):
    job = made(machine)
    assert (job.status, job.credits_debited, spent(on)) == ("completed", PRICE, PRICE)
    assert machine.trace == ["submit", "make", "collect"]
    assert job.video_url == f"https://api.example/prod/storage/v1/object/public/{KEY}"
    assert (job.delivery.files[0].key, job.delivery.files[0].duration_seconds) == (KEY, 5)
    assert bucket.objects == {KEY: b"ID3good"}


def test_a_sound_ordered_in_an_outage_is_made_after_it(machine, maker, bucket, on, clock):
    """Nobody could tell what became of a create: none is sent before the vendor answers."""
    maker.is_out = lambda: clock.seconds < support.START_SECONDS + 600
    job = made(machine)
    assert (job.status, job.attempt.number, spent(on)) == ("completed", 1, PRICE)
    assert len(maker.requests) == maker.billed == 1


def test_the_vendor_receives_what_was_asked_for(machine, maker):
    made(machine)
    assert maker.requests == [
        MakeRequest(
            upstream="eleven_text_to_sound_v2",
            kind="sound",
            text="Rain on a tin roof",
            duration_seconds=5,
            parameters={"loop": True},
        )
    ]


@pytest.mark.parametrize(
    ("model", "inputs", "kind", "upstream", "voice"),
    [
        (
            "elevenlabs-tts",
            {"text": "Hello", "voice_id": "abc", "model_id": "eleven_v3"},
            "speech",
            "eleven_v3",
            "abc",
        ),
        ("elevenlabs-music", {"prompt": "x", "music_length_ms": 5000}, "music", "music_v1", None),
    ],
)
def test_speech_and_music_are_ordered_as_such(machine, maker, model, inputs, kind, upstream, voice):
    job = made(machine, catalogue_id=model, inputs=inputs, characters=5)
    assert job.status == "completed"
    (sent,) = maker.requests
    assert (sent.kind, sent.upstream, sent.voice_id) == (kind, upstream, voice)
    assert sent.parameters == {}


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ProviderContentPolicy("no"), "content_policy"),
        (ProviderAuth("no"), "provider_auth"),
        (ProviderQuota("no"), "provider_quota"),
        (ProviderModelGone("no"), "model_gone"),
        (SubmitUnknown("lost"), "submit_unknown"),
    ],
)
def test_a_refusal_and_a_lost_answer_are_final_and_free(machine, maker, on, error, code):
    maker.script.append(error)
    job = made(machine)
    assert (job.status, job.error_code, spent(on)) == ("failed", code, 0)
    assert len(maker.requests) == 1


def test_a_busy_vendor_is_asked_again_when_it_says(machine, maker, clock, on):
    maker.script += [ProviderRateLimited("429", retry_after_seconds=30), ProviderRateLimited("429")]
    assert made(machine).status == "completed"
    assert clock.seconds >= START_SECONDS + 30
    assert (maker.billed, spent(on)) == (1, PRICE)


def test_a_vendor_that_is_always_busy_is_given_up_at_the_deadline(machine, maker, clock, on):
    maker.script += [ProviderRateLimited("429", retry_after_seconds=30)] * 90
    job = made(machine)
    assert (job.status, job.error_code, spent(on)) == ("failed", "provider_rate_limited", 0)
    assert clock.seconds <= job.terms.deadline_at_seconds


def test_a_vendor_that_broke_clearly_is_asked_until_the_deadline(machine, maker, on, clock):
    maker.script += [ProviderUpstream("503")] * 300
    job = made(machine)
    assert (job.status, spent(on)) == ("failed", 0)
    assert job.error_code in {"provider_upstream", "provider_timeout"}
    assert clock.seconds >= job.terms.deadline_at_seconds - 120


@pytest.mark.parametrize("content", [b"<html>", b"ID3 broken", b"RIFF\0\0\0\0WAVEgood"])
def test_a_bad_file_costs_nothing_and_is_not_made_again(machine, maker, bucket, on, content):
    maker.script.append(content)
    job = made(machine)
    assert (job.status, job.error_code, spent(on)) == ("failed", "bad_delivery", 0)
    assert len(maker.requests) == 1
    assert bucket.objects == {}


def test_a_vendor_that_is_switched_off_is_not_asked(machine, maker, on, monkeypatch):
    monkeypatch.setenv("DISABLED_PROVIDERS", "kling, elevenlabs")
    settings.cache_clear()
    job = made(machine)
    assert (job.status, job.error_code, spent(on)) == ("failed", "provider_disabled", 0)
    assert maker.requests == []


def test_after_its_deadline_nothing_is_ordered(machine, maker, clock, on):
    create_job(on, request())
    clock.seconds = START_SECONDS + 900
    assert machine.run("job").error_code == "provider_timeout"
    assert maker.requests == []


def test_a_cancel_while_it_is_made_wins(machine, maker, on):
    create_job(on, request())
    real_make = maker.make

    def canceled_meanwhile(*args: Any, **options: Any) -> MadeFile:
        cancel(on, "job")
        return real_make(*args, **options)

    maker.make = canceled_meanwhile
    assert (machine.run("job").status, spent(on)) == ("canceled", 0)


@pytest.fixture
def world(machine, maker, bucket, answers, monkeypatch) -> Callable[..., tuple[Job, Reaper]]:
    """Makes one sound under a reaper."""

    def run(kills: dict[int, str]) -> tuple[Job, Reaper]:
        reaper = Reaper(kills)
        send = lambda token, output: answers.sent.append((token, dict(output)))  # noqa: E731
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(dynamo, "_call", reaper.around(dynamo._call))
            patch.setattr("showreel.generation.tokens.answer_token", reaper.around(send))
            for verb in ("put_file", "get_file", "exists"):
                patch.setattr(bucket, verb, reaper.around(getattr(bucket, verb)))
            patch.setattr(maker, "make", reaper.around(maker.make))
            machine._task(lambda: create_job(machine.engine, request()))
            return machine.run("job"), reaper

    return run


def down(*_: object) -> None:
    raise Transient("out")


@pytest.mark.parametrize("what", ["key", "bucket"])
def test_what_is_ours_is_out_before_the_create_and_nothing_is_sent(
    on: Engine,
    maker: FakeMaker,
    bucket: Bucket,
    machine: Machine,
    monkeypatch: pytest.MonkeyPatch,
    what: str,
) -> None:
    """Secrets Manager or S3: the state machine comes back, and the create is known to be unsent."""
    create_job(on, request())
    broken = replace(on, synchronous=down) if what == "key" else on
    with monkeypatch.context() as patch:
        if what == "bucket":
            patch.setattr(bucket, "exists", down)
        for _ in range(3):
            with pytest.raises(Transient):
                make.make(broken, "job", 60)
    job = machine.run("job")
    assert (job.status, maker.billed, spent(on)) == ("completed", 1, PRICE)


def test_a_file_that_our_bucket_did_not_take_is_made_again_and_paid_once(
    on: Engine,
    maker: FakeMaker,
    bucket: Bucket,
    machine: Machine,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    create_job(on, request())
    with monkeypatch.context() as patch:
        patch.setattr(bucket, "put_file", down)
        assert make.make(on, "job").route == "backoff"
        patch.setattr(bucket, "exists", down)
        with pytest.raises(Transient):
            make.make(on, "job", 600)
        assert maker.billed == 1, "it waits until the bucket answers"
    job = machine.run("job")
    assert (job.status, job.attempt.number, maker.billed) == ("completed", 2, 2)
    assert (spent(on), KEY in bucket.objects) == (PRICE, True)
    ledger_is_sound(on)


def test_a_file_whose_row_could_not_be_written_is_not_made_again(
    on: Engine, maker: FakeMaker, machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    create_job(on, request())
    with monkeypatch.context() as patch:
        patch.setattr(deliver, "asset_rows", down)
        with pytest.raises(Transient):
            make.make(on, "job")
    assert machine.run("job").status == "completed"
    assert maker.billed == 1


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("call", range(1, CALLS_OF_A_SOUND + 1))
def test_a_kill_at_every_call(world, maker, bucket, answers, on, call, mode):
    job, reaper = world({call: mode})
    assert call <= reaper.calls
    assert job.settled_at
    assert maker.billed <= 1
    assert job.status in {"completed", "failed"}
    assert spent(on) == job.credits_debited == (PRICE if job.status == "completed" else 0)
    assert (job.status == "completed") is (KEY in bucket.objects), "what was stored is delivered"
    if job.status == "failed":
        assert job.error_code == "submit_unknown"
    heard = answers.of("parent-1")
    assert {answer["status"] for answer in heard} == {job.status}


def test_the_calls_of_a_sound_are_all_covered(world):
    _, reaper = world({})
    assert reaper.calls == CALLS_OF_A_SOUND
