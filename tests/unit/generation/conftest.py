"""Tables and an engine in this process, with a vendor and a clock that tests command."""

import functools
import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import pytest

from showreel.core import secrets
from showreel.core.dynamo import Table
from showreel.credits import Ledger
from showreel.generation import deliver, lanes, outcome, reviving, store, tokens, turns
from showreel.generation import webhooks_in as hints
from showreel.generation.engine import Engine
from showreel.generation.models import Job
from showreel.generation.steps import calling, collect, submit
from showreel.generation.store import Jobs
from showreel.media.probe import VerifiedVideo
from showreel.providers import circuits
from tests.support.cloud import empty_cloud
from tests.unit.generation.support import GRANT, WORKSPACE, Clock, FakeVendor, Machine

ENVIRONMENT = {
    "PROVIDER_SECRET_ARN": "arn:aws:secretsmanager:eu-central-1:123456789012:secret:x",
    "RUN_TOKEN_SECRET_ARN": "arn:aws:secretsmanager:eu-central-1:123456789012:secret:runs",
    "KLING_BASE_URL": "https://kling.example",
    "REPLICATE_BASE_URL": "https://replicate.example",
    "GOOGLE_BASE_URL": "https://google.example",
    "FAL_QUEUE_URL": "https://fal.example",
    "FAL_KEYS_URL": "https://fal.example/keys",
    "GMI_BASE_URL": "https://gmi.example",
    "GMI_CHAT_BASE_URL": "https://chat.gmi.example",
    "GROQ_BASE_URL": "https://groq.example",
    "ELEVENLABS_BASE_URL": "https://elevenlabs.example",
    "GENERATION_STATE_MACHINE": "stack-generation",
    "JOBS_TABLE": "jobs",
}


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with empty_cloud():
        for name, value in ENVIRONMENT.items():
            monkeypatch.setenv(name, value)
        key = json.dumps({"run_token_key": "run-key"})
        monkeypatch.setitem(secrets._kept, ENVIRONMENT["RUN_TOKEN_SECRET_ARN"], (math.inf, key))
        circuits.circuits.cache_clear()
        yield


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    for module in (submit, collect, calling, outcome, store, reviving, lanes, circuits):
        monkeypatch.setattr(module, "now_seconds", clock)
    return clock


@pytest.fixture
def vendor() -> FakeVendor:
    return FakeVendor()


@dataclass
class Answers:
    """What task tokens were answered with."""

    sent: list[tuple[str, dict[str, Any]]]

    def of(self, token: str) -> list[dict[str, Any]]:
        return [output for name, output in self.sent if name == token]


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> Answers:
    known = Answers([])

    def answer(token: str, output: dict[str, Any]) -> None:
        known.sent.append((token, dict(output)))

    for module in (tokens, hints, reviving, turns):
        monkeypatch.setattr(module, "answer_token", answer)
    monkeypatch.setattr("showreel.generation.steps.await_webhook.answer_token", answer)
    return known


class FakeStorage:
    """Signs and stores without S3."""

    def __init__(self) -> None:
        self.stored: list[str] = []

    def signed_get(self, key: str, *, expires_seconds: int) -> str:
        assert expires_seconds > 0
        return f"https://bucket.example/{key}?signature"

    def put_file(self, key: str, path: Any, content_type: str) -> None:
        assert path.read_bytes().startswith(b"good")
        assert content_type == "video/mp4"
        self.stored.append(key)


@dataclass
class Results:
    """What the vendor's result hosts serve, and what the gate says of it."""

    storage: FakeStorage
    script: list[Any]
    fetched: list[str]

    def fetch(self, url: str, path: Any, **_: Any) -> int:
        self.fetched.append(url)
        said = self.script.pop(0) if self.script else b"good"
        if isinstance(said, Exception):
            raise said
        path.write_bytes(said)
        return len(said)


def gate(path: Any, **_: Any) -> VerifiedVideo:
    from showreel.core.errors import MediaError

    if not path.read_bytes().startswith(b"good"):
        raise MediaError("not a video")
    return VerifiedVideo(1280, 720, 5.0, has_native_audio=False)


@pytest.fixture
def results(monkeypatch: pytest.MonkeyPatch) -> Results:
    known = Results(FakeStorage(), [], [])
    monkeypatch.setattr(deliver, "copy_result", known.fetch)
    monkeypatch.setattr(deliver, "verify_delivery", gate)
    rows = SimpleNamespace(record=lambda *_, **__: None)
    monkeypatch.setattr(deliver, "asset_rows", lambda: rows)
    for module in (deliver, submit):
        monkeypatch.setattr(module, "storage", lambda: known.storage)
    return known


@pytest.fixture
def engine(cloud: None, clock: Clock, vendor: FakeVendor, answers: Any, results: Any) -> Engine:
    ledger = Ledger(Table("credits"))
    ledger.grant(WORKSPACE, GRANT, "welcome")
    return Engine(Jobs(Table("jobs")), ledger, lambda _: vendor)


@pytest.fixture
def machine(engine: Engine, clock: Clock) -> Machine:
    return Machine(engine, clock, functools.partial(rendered, engine))


def rendered(engine: Engine, job_id: str) -> None:
    """Stands for the Lambda with FFmpeg."""
    job: Job = engine.jobs.get(job_id)
    engine.jobs.mark_stored(engine.jobs.advance(job, "storing"))
