"""What the contract of all adapters is tested with: a case for each, made by the registry."""

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from werkzeug.wrappers import Response

from local.simulators.app import SimulatorApp
from showreel.core import settings as environment
from showreel.core.errors import (
    ProviderAuth,
    ProviderContentPolicy,
    ProviderError,
    ProviderInvalidInput,
    ProviderModelGone,
    ProviderQuota,
    ProviderRateLimited,
    ProviderUpstream,
)
from showreel.providers import registry
from showreel.providers.base import (
    InputPicture,
    Lookup,
    Pending,
    PollResult,
    Provider,
    SubmitRequest,
    SubmitUnknown,
    VendorTask,
)
from showreel.providers.elevenlabs.sounds import ElevenLabs
from showreel.providers.fal.queue import Fal
from showreel.providers.gmi.queue import Gmi
from showreel.providers.gmi.text import GmiText
from showreel.providers.google.interactions import GoogleInteractions
from showreel.providers.google.text import GoogleText
from showreel.providers.google.veo import GoogleVeo
from showreel.providers.groq.text import Groq
from showreel.providers.kling.tasks import KlingTasks
from showreel.providers.kling.videos import Kling
from showreel.providers.replicate.predictions import Replicate
from showreel.providers.synchronous import MakeRequest, SynchronousProvider
from showreel.providers.text import Message, TextProvider, TextRequest
from tests.simulators.conftest import Customer
from tests.support.http import eventually

PROMPT = "Slow zoom in"
REFUSALS: dict[str, type[ProviderError]] = {
    "rate_limited": ProviderRateLimited,
    "server_error": ProviderUpstream,
    "auth": ProviderAuth,
    "quota": ProviderQuota,
    "invalid_input": ProviderInvalidInput,
    "content_policy": ProviderContentPolicy,
    "model_gone": ProviderModelGone,
}
JOBS: tuple[type[Provider], ...] = (
    Kling, KlingTasks, Replicate, Fal, GoogleVeo, GoogleInteractions, Gmi
)  # fmt: skip
SYNCHRONOUS: tuple[type[SynchronousProvider], ...] = (ElevenLabs,)
TEXT: tuple[type[TextProvider], ...] = (Groq, GmiText, GoogleText)
"""The types say that each has all of its port."""


@dataclass(frozen=True)
class Case:
    """An adapter, what it is asked for, and where its vendor differs from the others."""

    name: str
    simulator: str
    upstream: str
    changes: dict[str, Any] = field(default_factory=dict)
    differs: dict[str, type[ProviderError]] = field(default_factory=dict)
    told_later: frozenset[str] = frozenset()
    """Refusals that the vendor tells only as a failed job, or in the answer to a text."""
    cancels: bool = False

    def __str__(self) -> str:
        return self.name

    @property
    def port(self) -> str:
        return registry.ADAPTERS[self.name].port

    def refusal(self, fault: str) -> type[ProviderError]:
        return self.differs.get(fault, REFUSALS[fault])


_UNCLEAR: dict[str, type[ProviderError]] = {"server_error": SubmitUnknown}
_POLICY = frozenset({"content_policy"})
CASES = (
    Case("kling", "kling", "kling-v2-6", {"parameters": {"mode": "std"}}),
    Case("kling-tasks", "kling", "kling-2.6"),
    Case("replicate", "replicate", "runwayml/gen4-turbo", differs=_UNCLEAR, told_later=_POLICY,
         cancels=True),
    Case("fal", "fal", "fal-ai/flux/schnell",
         {"image": None, "inputs": {"prompt": PROMPT, "image_size": "square"}},
         differs=_UNCLEAR, told_later=_POLICY | {"invalid_input"}, cancels=True),
    Case("google-veo", "google", "veo-2.0-generate-001",
         differs={**_UNCLEAR, "quota": ProviderRateLimited}),
    Case("google-interactions", "google", "gemini-omni-1.1-flash", differs=_UNCLEAR, cancels=True),
    Case("gmi", "gmi", "Veo3", told_later=_POLICY),
    Case("elevenlabs", "elevenlabs", "eleven_multilingual_v2", differs=_UNCLEAR),
    Case("groq", "groq", "openai/gpt-oss-120b", told_later=_POLICY),
    Case("gmi-text", "gmi", "openai/gpt-5.5", told_later=_POLICY),
    Case("google-text", "google", "gemini-2.5-flash", differs={"quota": ProviderRateLimited},
         told_later=_POLICY),
)  # fmt: skip


@dataclass
class Contract:
    """The adapters, made by the registry for one address, and what their vendors see of them."""

    customer: Customer
    folder: Path

    def adapter(self, case: Case) -> Any:
        makers: dict[str, Callable[[str], object]] = {
            "jobs": registry.get_provider,
            "synchronous": registry.get_synchronous,
            "text": registry.get_text,
        }
        return makers[case.port](case.name)

    def create(self, case: Case) -> object:
        """Orders by whichever port, to the end of a text."""
        adapter = self.adapter(case)
        if case.port == "jobs":
            return adapter.submit(self.job(case))
        if case.port == "synchronous":
            self.customer.settings(generation_seconds=0)
            return adapter.make(speech(case), self.folder / "sound.mp3", total_seconds=1.5)
        return list(adapter.stream(text(case)))

    def job(self, case: Case, **changes: Any) -> SubmitRequest:
        usual: dict[str, Any] = {
            "external_id": "job-1-attempt-1",
            "upstream": case.upstream,
            "parameters": {},
            "prompt": PROMPT,
            "duration_seconds": 5,
            "image": self.picture(),
            "aspect_ratio": "16:9",
            "resolution": "720p",
        }
        return SubmitRequest(**{**usual, **case.changes, **changes})

    def picture(self) -> InputPicture:
        return InputPicture(
            self.customer.picture_url, lambda: self.customer.pictures.files["/room.jpg"]
        )

    def lookup(self, case: Case, reported_task_id: str | None = None) -> Lookup:
        path = None if case.name == "fal" else self.picture().path
        now = int(time.time())
        return Lookup("job-1-attempt-1", now, case.upstream, PROMPT, path, reported_task_id)

    def fault(self, case: Case, operation: str, fault: str, **more: Any) -> None:
        body = {"provider": case.simulator, "operation": operation, "fault": fault, **more}
        answer = self.customer.client.post("/_sim/faults", json=body)
        assert answer.status_code == 201, answer.text

    def asked(self, operation: str) -> int:
        query = {"operation": operation}
        return len(self.customer.client.get("/_sim/requests", params=query).json()["requests"])


def speech(case: Case) -> MakeRequest:
    return MakeRequest(case.upstream, "speech", PROMPT, voice_id="21m00Tcm4TlvDq8ikWAM")


def text(case: Case) -> TextRequest:
    return TextRequest(case.upstream, (Message("user", PROMPT),), max_output_tokens=200)


def verdict(provider: Provider, task: VendorTask) -> PollResult:
    """How the job ended."""

    def look() -> PollResult | None:
        found = provider.poll(task)
        return None if isinstance(found, Pending) else found

    found: PollResult = eventually(look)
    return found


@contextmanager
def addressed(base_url: str, keys: dict[str, str]) -> Iterator[None]:
    """The environment in which the registry makes adapters for the simulators at `base_url`."""
    names = {name: name.partition("_")[0] for name in environment.Providers.variables()}
    urls = {
        name.upper(): f"{base_url}/{vendor}"
        for name, vendor in names.items()
        if re.fullmatch(r"[a-z_]+_url", name)
    }
    urls["FAL_KEYS_URL"] = f"{base_url}/fal/.well-known/jwks.json"
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {**urls, "PROVIDER_SECRET_ARN": "arn:aws:of-tests"}.items():
            patch.setenv(name, value)
        patch.setattr(registry, "secret", lambda _arn: keys)
        environment.settings.cache_clear()
        yield
    environment.settings.cache_clear()


_CHUNK = b" " * 1_000_000
SPOILED: dict[str, Callable[[bytes], tuple[str, Any]]] = {
    "html": lambda _: ("text/html", b"<html><body>Just a moment</body></html>"),
    "truncated": lambda data: ("application/json", data[: len(data) // 2]),
    "empty": lambda _: ("application/json", b""),
    "oversized": lambda _: ("application/json", (_CHUNK for _ in range(64))),
}


class Spoiler:
    """The simulators behind something that spoils their answers, or their statuses."""

    def __init__(self, app: SimulatorApp) -> None:
        self._app = app
        self.how: str | None = None
        self.status: int | None = None

    def __call__(self, environ: Any, start_response: Any) -> Any:
        response = Response.from_app(self._app, environ)
        response.status_code = self.status or response.status_code
        if self.how is None:
            return response(environ, start_response)
        kind, body = SPOILED[self.how](response.get_data())
        return Response(body, response.status_code, content_type=kind)(environ, start_response)
