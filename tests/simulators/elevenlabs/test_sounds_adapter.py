"""The product's ElevenLabs adapter and its gate for sounds against the simulator."""

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from local.lambdas.ffmpeg import ensure_ffmpeg
from showreel.core.errors import (
    MediaError,
    ProviderContentPolicy,
    ProviderError,
    ProviderInvalidInput,
    ProviderModelGone,
    ProviderRateLimited,
)
from showreel.media.audio_probe import verify_sound
from showreel.providers.base import SubmitUnknown
from showreel.providers.elevenlabs.sounds import ElevenLabs
from showreel.providers.synchronous import MadeFile, MakeRequest
from tests.simulators.conftest import ELEVENLABS_KEY, Customer
from tests.support.http import eventually

VOICE = "21m00Tcm4TlvDq8ikWAM"
TEXT = "The kitchen looks out on a small walled garden."


@pytest.fixture(autouse=True)
def _ffmpeg_on_path(monkeypatch: pytest.MonkeyPatch) -> None:
    path = f"{ensure_ffmpeg().parent}{os.pathsep}{os.environ['PATH']}"
    monkeypatch.setenv("PATH", path)


@pytest.fixture
def adapter(customer: Customer) -> ElevenLabs:
    return ElevenLabs(f"{customer.config.base_url}/elevenlabs", ELEVENLABS_KEY)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "sound.mp3"


def speech(**changes: Any) -> MakeRequest:
    usual = {"upstream": "eleven_multilingual_v2", "kind": "speech", "text": TEXT}
    return MakeRequest(**{**usual, "voice_id": VOICE, **changes})


def made(adapter: ElevenLabs, request: MakeRequest, path: Path) -> MadeFile:
    return adapter.make(request, path, total_seconds=20)


def order_fault(customer: Customer, operation: str, fault: str, **more: Any) -> None:
    body = {"provider": "elevenlabs", "operation": operation, "fault": fault, **more}
    assert customer.client.post("/_sim/faults", json=body).status_code == 201


def creates(customer: Customer) -> int:
    found = customer.client.get("/_sim/requests", params={"provider": "elevenlabs"})
    return len(found.json()["requests"])


def test_speech_arrives_as_long_as_its_text(adapter: ElevenLabs, path: Path) -> None:
    assert made(adapter, speech(), path) == MadeFile("audio/mpeg", len(TEXT))
    sound = verify_sound(path)
    assert sound.seconds == pytest.approx(len(TEXT) / 15, abs=0.06)


@pytest.mark.parametrize(
    ("kind", "upstream", "seconds"),
    [
        ("sound", "eleven_text_to_sound_v2", 0.5),
        ("sound", "eleven_text_to_sound_v2", 12.5),
        ("music", "music_v1", 3.0),
        ("music", "music_v2", 45.0),
    ],
)
def test_effects_and_music_are_as_long_as_asked(
    adapter: ElevenLabs, path: Path, kind: Any, upstream: str, seconds: float
) -> None:
    request = MakeRequest(upstream, kind, "rain on a roof", duration_seconds=seconds)
    assert made(adapter, request, path).content_type == "audio/mpeg"
    sound = verify_sound(path, wanted_seconds=seconds)
    assert sound.seconds == pytest.approx(seconds, abs=0.06)


def test_music_like_somebodys_is_refused_for_its_content(
    customer: Customer, adapter: ElevenLabs, path: Path
) -> None:
    order_fault(customer, "submit", "content_policy")
    with pytest.raises(ProviderContentPolicy):
        made(adapter, MakeRequest("music_v1", "music", "like somebody"), path)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"voice_id": "nobody"}, ProviderInvalidInput),
        ({"text": "a" * 10_001}, ProviderInvalidInput),
        ({"text": ""}, ProviderInvalidInput),
        ({"upstream": "eleven_multilingual_v1"}, ProviderModelGone),
        ({"upstream": "music_v1"}, ProviderInvalidInput),
        ({"parameters": {"voice_settings": {"speed": 9}}}, ProviderInvalidInput),
        ({"parameters": {"voice_settings": "loud"}}, ProviderInvalidInput),
        ({"kind": "sound", "upstream": "eleven_text_to_sound_v2", "duration_seconds": 31},
         ProviderInvalidInput),
        ({"kind": "music", "upstream": "music_v1", "duration_seconds": 2.9},
         ProviderInvalidInput),
    ],
)  # fmt: skip
def test_orders_that_the_vendor_doesnt_take(
    customer: Customer,
    adapter: ElevenLabs,
    path: Path,
    changes: dict[str, Any],
    error: type[ProviderError],
) -> None:
    with pytest.raises(error) as caught:
        made(adapter, speech(**changes), path)
    assert type(caught.value) is error
    assert customer.tasks() == []


def test_too_many_at_once_may_be_asked_again(
    customer: Customer, adapter: ElevenLabs, path: Path
) -> None:
    customer.settings(concurrency=0)
    with pytest.raises(ProviderRateLimited):
        made(adapter, speech(), path)
    customer.settings(concurrency=1)
    assert made(adapter, speech(), path)


def test_a_call_that_takes_longer_than_there_is_time_is_given_up(
    customer: Customer, adapter: ElevenLabs, path: Path
) -> None:
    order_fault(customer, "submit", "slow", delay_seconds=30)
    with pytest.raises(SubmitUnknown):
        adapter.make(speech(), path, total_seconds=0.5)
    assert len(customer.tasks()) == 1


def test_a_call_that_is_forgotten_leaves_faults_to_those_that_come_later(
    customer: Customer, adapter: ElevenLabs, path: Path
) -> None:
    order_fault(customer, "submit", "slow", delay_seconds=30)
    with ThreadPoolExecutor(1) as pool:
        making = pool.submit(made, adapter, speech(), path)
        eventually(customer.tasks)
        order_fault(customer, "result", "corrupt")
        customer.app._lifecycle.tasks.clear()
        making.result()
    assert verify_sound(path)


@pytest.mark.parametrize(
    ("fault", "codes"),
    [
        ("corrupt", {"media_undecodable", "media_truncated"}),
        ("truncated", {"media_truncated"}),
        ("html", {"media_type"}),
    ],
)
def test_a_spoiled_file_doesnt_pass_the_gate(
    customer: Customer, adapter: ElevenLabs, path: Path, fault: str, codes: set[str]
) -> None:
    order_fault(customer, "result", fault, match={"prompt_contains": "garden"})
    assert made(adapter, speech(), path)
    with pytest.raises(MediaError) as caught:
        verify_sound(path)
    assert caught.value.code in codes
