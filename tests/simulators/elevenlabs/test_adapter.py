"""The product's ElevenLabs adapter and its gate for sounds against the simulator."""

import os
from pathlib import Path
from typing import Any

import pytest

from local.lambdas.ffmpeg import ensure_ffmpeg
from showreel.core.errors import (
    MediaError,
    ProviderAuth,
    ProviderContentPolicy,
    ProviderError,
    ProviderInvalidInput,
    ProviderModelGone,
    ProviderQuota,
    ProviderRateLimited,
)
from showreel.media.audio_probe import verify_sound
from showreel.providers.base import SubmitUnknown
from showreel.providers.elevenlabs.adapter import ElevenLabs
from showreel.providers.synchronous import Made, MakeRequest
from tests.simulators.conftest import ELEVENLABS_KEY, Customer

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


def made(adapter: ElevenLabs, request: MakeRequest, path: Path) -> Made:
    return adapter.make(request, path, total_seconds=20)


def order_fault(customer: Customer, operation: str, fault: str, **more: Any) -> None:
    body = {"provider": "elevenlabs", "operation": operation, "fault": fault, **more}
    assert customer.client.post("/_sim/faults", json=body).status_code == 201


def creates(customer: Customer) -> int:
    found = customer.client.get("/_sim/requests", params={"provider": "elevenlabs"})
    return len(found.json()["requests"])


def test_speech_arrives_as_long_as_its_text(adapter: ElevenLabs, path: Path) -> None:
    assert made(adapter, speech(), path) == Made("audio/mpeg", len(TEXT))
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


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("rate_limited", ProviderRateLimited),
        ("auth", ProviderAuth),
        ("quota", ProviderQuota),
        ("invalid_input", ProviderInvalidInput),
        ("content_policy", ProviderContentPolicy),
        ("model_gone", ProviderModelGone),
    ],
)
def test_a_refusal_has_its_class_and_costs_nothing(
    customer: Customer, adapter: ElevenLabs, path: Path, fault: str, error: type[ProviderError]
) -> None:
    order_fault(customer, "submit", fault, match={"prompt_contains": "garden"})
    with pytest.raises(error) as caught:
        made(adapter, speech(), path)
    assert type(caught.value) is error
    assert (creates(customer), customer.tasks(), path.exists()) == (1, [], False)


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


def test_a_wrong_key_is_ours_to_mend(customer: Customer, path: Path) -> None:
    stranger = ElevenLabs(f"{customer.config.base_url}/elevenlabs", "wrong")
    with pytest.raises(ProviderAuth):
        made(stranger, speech(), path)


def test_too_many_at_once_may_be_asked_again(
    customer: Customer, adapter: ElevenLabs, path: Path
) -> None:
    customer.settings(concurrency=0)
    with pytest.raises(ProviderRateLimited):
        made(adapter, speech(), path)
    customer.settings(concurrency=1)
    assert made(adapter, speech(), path)


@pytest.mark.parametrize("fault", ["drop_reply", "hang", "gateway_timeout"])
def test_a_lost_answer_is_billed_once_and_never_asked_for_again(
    customer: Customer, adapter: ElevenLabs, path: Path, fault: str
) -> None:
    order_fault(customer, "submit", fault, delay_seconds=0)
    with pytest.raises(SubmitUnknown):
        made(adapter, speech(), path)
    assert (creates(customer), len(customer.tasks()), path.exists()) == (1, 1, False)


def test_a_server_error_leaves_it_unknown(
    customer: Customer, adapter: ElevenLabs, path: Path
) -> None:
    order_fault(customer, "submit", "server_error")
    with pytest.raises(SubmitUnknown):
        made(adapter, speech(), path)
    assert creates(customer) == 1


def test_a_call_that_takes_longer_than_there_is_time_is_given_up(
    customer: Customer, adapter: ElevenLabs, path: Path
) -> None:
    order_fault(customer, "submit", "slow", delay_seconds=30)
    with pytest.raises(SubmitUnknown):
        adapter.make(speech(), path, total_seconds=0.5)
    assert len(customer.tasks()) == 1


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


def test_an_empty_answer_is_a_lost_one(customer: Customer, adapter: ElevenLabs, path: Path) -> None:
    order_fault(customer, "result", "empty")
    with pytest.raises(SubmitUnknown):
        made(adapter, speech(), path)
