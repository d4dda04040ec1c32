"""Operations of the document, called in this process with everything that handlers read set."""

import functools
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import boto3
import pytest

from showreel.core import settings as core_settings
from showreel.generation import engine
from tests.support.cloud import new_webhook_queue, put_secret
from tests.support.document import Operation

from .belongings import SERVICE
from .conftest import REPOSITORY, SERVICE_TOKEN, Invoke

ROUTE = re.compile(r'@app\.(\w+)\(\s*"([^"]+)"')
PROVIDERS = ("KLING", "REPLICATE", "GOOGLE", "GMI", "GMI_CHAT", "GROQ", "ELEVENLABS")
MACHINES = {
    "GENERATION_STATE_MACHINE": "showreel-generation",
    "VIDEO_PIPELINE_STATE_MACHINE": "showreel-video-pipeline",
    "GEN_SHOTS_STATE_MACHINE": "showreel-gen-shots",
    "AUTO_GENERATE_STATE_MACHINE": "showreel-auto-generate",
    "COMPUTE_GRAPH_STATE_MACHINE": "showreel-compute-graph",
    "DIRECTOR_CUT_STATE_MACHINE": "showreel-director-cut",
}
SETTINGS = {
    **{f"{name}_BASE_URL": "https://vendor.example.com" for name in PROVIDERS},
    **MACHINES,
    "FAL_QUEUE_URL": "https://vendor.example.com",
    "FAL_KEYS_URL": "https://vendor.example.com",
    "IDEMPOTENCY_TABLE": "idempotency",
    "ENABLE_SHOT_STREAM": "true",
    "ENABLE_STREAM_TELEMETRY": "true",
    "SYNC_WINDOW_SECONDS": "0",
    "GENERATION_TIMEOUT_SECONDS": "60",
    "LATE_RESULT_SECONDS": "60",
    "FAILED_GENERATION_POLICY": "charge",
    "STREAM_SECONDS": "1",
    "CLIP_CONCURRENCY": "3",
    "NODE_CONCURRENCY": "4",
    "GRAPHS_PER_WORKSPACE": "2",
    "GRAPH_CACHE_DAYS": "30",
    "IMAGE_CONCURRENCY": "4",
    "VIDEO_CONCURRENCY": "2",
    "BATCHES_PER_WORKSPACE": "1",
    "EXPORTS_PER_WORKSPACE": "1",
    "RUNS_PER_WORKSPACE": "1",
    "RUNS_GLOBAL": "10",
    "ORDERS_PER_MINUTE": "0",
    "WALLET_CHAIN_IDS": "1",
}
Call = Callable[..., dict[str, Any]]


@functools.cache
def functions() -> dict[tuple[str, str], str]:
    """The function of every route that the code has."""
    return {
        (method.upper(), path.replace("<", "{").replace(">", "}")): file.parent.name
        for file in (REPOSITORY / "functions").glob("*/app.py")
        for method, path in ROUTE.findall(file.read_text())
    }


@contextmanager
def configured(patch: pytest.MonkeyPatch, settings: Mapping[str, str]) -> Iterator[None]:
    """Handlers meanwhile read these settings, and vendors' secrets without a key."""
    for name, value in settings.items():
        patch.setenv(name, value)
    patch.setenv("PROVIDER_SECRET_ARN", put_secret("provider", "{}"))
    core_settings.settings.cache_clear()
    engine.engine.cache_clear()
    engine.jobs.cache_clear()
    yield
    core_settings.settings.cache_clear()
    engine.engine.cache_clear()
    engine.jobs.cache_clear()


@pytest.fixture(autouse=True)
def product(cloud: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What handlers read, and state machines that do nothing."""
    monkeypatch.setenv("WEBHOOK_QUEUE_URL", new_webhook_queue())
    monkeypatch.setattr("showreel.singles.audio.service.WAIT_SECONDS", 0)
    with configured(monkeypatch, SETTINGS):
        yield


@pytest.fixture
def machines(product: None) -> None:
    client = boto3.client("stepfunctions")
    role = "arn:aws:iam::123456789012:role/none"
    for name in MACHINES.values():
        client.create_state_machine(name=name, definition="{}", roleArn=role)


@pytest.fixture
def call(invoke: Invoke, machines: None) -> Call:
    """Calls an operation's function, for no longer than a moment."""

    def made(operation: Operation, **told: Any) -> dict[str, Any]:
        if operation.body is not None:
            told.setdefault("body", {})
        if told.get("user") == SERVICE:
            told = {**told, "user": None, "headers": {"Authorization": f"Bearer {SERVICE_TOKEN}"}}
        return invoke(
            functions()[operation.method, operation.path], method=operation.method, **told
        )

    return made
