import gzip
import json
import socket
import time

import pytest

from showreel.core.errors import (
    ProviderAuth,
    ProviderContentPolicy,
    ProviderInvalidInput,
    ProviderModelGone,
    ProviderQuota,
    ProviderRateLimited,
    ProviderUpstream,
)
from showreel.providers.base import SubmitUnknown
from showreel.providers.elevenlabs import adapter as module
from showreel.providers.elevenlabs.adapter import ElevenLabs
from showreel.providers.http import NotSent, http_client
from showreel.providers.synchronous import Made, MakeRequest

VOICE = "21m00Tcm4TlvDq8ikWAM"
SOUND = b"ID3" + bytes(5000)
PLENTY_SECONDS = 20.0


@pytest.fixture
def elevenlabs(vendor):
    yield ElevenLabs(vendor.base_url, "key-of-tests")
    http_client(vendor.base_url).close()
    http_client.cache_clear()


@pytest.fixture
def path(tmp_path):
    return tmp_path / "sound.mp3"


def order(**changes):
    usual = {
        "upstream": "eleven_multilingual_v2",
        "kind": "speech",
        "text": "Good morning",
        "voice_id": VOICE,
    }
    return MakeRequest(**(usual | changes))


def says(status, data, content_type="application/json", **headers):
    data = data if isinstance(data, bytes) else json.dumps(data).encode()

    def answer(handler):
        handler.send_response(status)
        told = {"content-length": str(len(data)), "content-type": content_type, **headers}
        for name, value in told.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(data)

    return answer


def delivers(data=SOUND, content_type="audio/mpeg", **headers):
    return says(200, data, content_type, **headers)


def detail(code=None, status=None):
    words = {"code": code, "status": status, "message": "text of the vendor"}
    return {"detail": {name: word for name, word in words.items() if word}}


def made(elevenlabs, path, **changes):
    return elevenlabs.make(order(**changes), path, total_seconds=PLENTY_SECONDS)


def asked(vendor, elevenlabs, path, **changes):
    vendor.answer = delivers()
    made(elevenlabs, path, **changes)
    _, url, _, body = vendor.requests[-1]
    return url.removeprefix("/_p/key"), json.loads(body)


def lost(vendor, elevenlabs, path, total_seconds=PLENTY_SECONDS):
    """The answer was no good: nobody knows, it was asked once, and no file is left."""
    with pytest.raises(SubmitUnknown) as caught:
        elevenlabs.make(order(), path, total_seconds=total_seconds)
    assert len(vendor.requests) == 1
    assert not path.exists()
    return caught.value


def test_speech_is_asked_for_as_the_vendor_documents_it(vendor, elevenlabs, path):
    vendor.answer = delivers(character_cost="12")
    settings = {"stability": 0.4}
    result = made(elevenlabs, path, parameters={"voice_settings": settings})
    assert result == Made("audio/mpeg", 12)
    assert path.read_bytes() == SOUND
    method, url, headers, body = vendor.requests[0]
    assert (method, headers["xi-api-key"]) == ("POST", "key-of-tests")
    assert url == f"/_p/key/v1/text-to-speech/{VOICE}?output_format=mp3_44100_128"
    assert json.loads(body) == {
        "text": "Good morning",
        "model_id": "eleven_multilingual_v2",
        "voice_settings": settings,
    }


def test_effects_and_music_are_asked_for_with_their_lengths(vendor, elevenlabs, path):
    url, body = asked(
        vendor, elevenlabs, path, kind="sound", upstream="eleven_text_to_sound_v2",
        duration_seconds=2.5,
    )  # fmt: skip
    assert url == "/v1/sound-generation?output_format=mp3_44100_128"
    assert body == {
        "text": "Good morning",
        "duration_seconds": 2.5,
        "model_id": "eleven_text_to_sound_v2",
    }
    url, body = asked(
        vendor, elevenlabs, path, kind="music", upstream="music_v1", duration_seconds=12.3456
    )
    assert url == "/v1/music?output_format=mp3_44100_128"
    assert body == {"prompt": "Good morning", "music_length_ms": 12346, "model_id": "music_v1"}


def test_lengths_that_nobody_asked_for_are_left_out(vendor, elevenlabs, path):
    for kind in ("speech", "sound", "music"):
        _, body = asked(vendor, elevenlabs, path, kind=kind)
        assert set(body) == {"text" if kind != "music" else "prompt", "model_id"}


def test_parameters_cant_replace_what_was_asked(vendor, elevenlabs, path):
    parameters = {"text": "other", "model_id": "other", "output_format": "mp3_22050_32"}
    url, body = asked(vendor, elevenlabs, path, parameters=parameters)
    assert url.endswith("?output_format=mp3_22050_32")
    assert body == {"text": "Good morning", "model_id": "eleven_multilingual_v2"}


@pytest.mark.parametrize(
    "changes",
    [
        {"voice_id": None},
        {"voice_id": ""},
        {"voice_id": "../music"},
        {"voice_id": f"{VOICE}?x=1"},
        {"voice_id": "a" * 65},
        {"voice_id": "voice\n"},
        {"parameters": {"output_format": "pcm_44100"}},
        {"parameters": {"output_format": "mp3_44100_128&x=1"}},
        {"parameters": {"output_format": "mp3_\u0664\u0664100_128"}},
        {"parameters": {"output_format": 5}},
    ],
)
def test_what_cant_be_part_of_an_address_is_never_sent(vendor, elevenlabs, path, changes):
    with pytest.raises(ProviderInvalidInput):
        made(elevenlabs, path, **changes)
    assert vendor.requests == []


def test_without_a_key_nothing_is_sent(vendor, path):
    with pytest.raises(ProviderAuth):
        made(ElevenLabs(vendor.base_url, ""), path)
    assert vendor.requests == []


@pytest.mark.parametrize("cost", ["", "-1", "1.5", "many", "99999999", "1e3", "\u0661"])
def test_a_cost_that_is_no_count_is_none(vendor, elevenlabs, path, cost):
    vendor.answer = delivers(character_cost=cost.encode().decode("latin-1"))
    assert made(elevenlabs, path).characters is None


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (401, detail("invalid_api_key", "invalid_api_key"), ProviderAuth),
        (401, detail("unauthorized", "missing_permissions"), ProviderAuth),
        (401, detail(None, "detected_unusual_activity"), ProviderAuth),
        (401, detail(None, "quota_exceeded"), ProviderQuota),
        (400, detail(None, "quota_exceeded"), ProviderQuota),
        (402, detail("insufficient_credits"), ProviderQuota),
        (402, detail("paid_plan_required", "payment_required"), ProviderQuota),
        (403, detail("subscription_required", "output_format_not_allowed"), ProviderQuota),
        (429, detail("concurrent_limit_exceeded", "too_many_concurrent_requests"),
         ProviderRateLimited),
        (429, detail(None, "too_many_concurrent_requests"), ProviderRateLimited),
        (429, detail(None, "system_busy"), ProviderRateLimited),
        (403, detail(None, "content_against_policy"), ProviderContentPolicy),
        (400, detail(None, "bad_prompt"), ProviderContentPolicy),
        (401, detail(None, "model_deprecated_free_tier"), ProviderModelGone),
        (404, detail("model_not_found"), ProviderModelGone),
        (404, detail("voice_not_found", "voice_not_found"), ProviderInvalidInput),
        (400, detail("text_too_long", "max_character_limit_exceeded"), ProviderInvalidInput),
        (400, detail("bad_request", "invalid_uid"), ProviderInvalidInput),
        (422, {"detail": [{"loc": ["body", "text"], "msg": "m", "type": "t"}]},
         ProviderInvalidInput),
        (503, detail("service_unavailable"), ProviderUpstream),
        (400, detail("brand_new_word"), ProviderInvalidInput),
        (401, b"nothing readable", ProviderAuth),
        (402, {}, ProviderQuota),
        (429, {"detail": "slow down"}, ProviderRateLimited),
        (429, {"detail": {"code": ["system_busy"], "status": 5}}, ProviderRateLimited),
    ],
)  # fmt: skip
def test_refusals_have_their_classes(vendor, elevenlabs, path, status, body, error):
    vendor.answer = says(status, body)
    with pytest.raises(error) as caught:
        made(elevenlabs, path)
    assert type(caught.value) is error
    assert "text of the vendor" not in str(caught.value)
    assert not path.exists()


def test_a_busy_vendor_says_how_long_to_wait(vendor, elevenlabs, path):
    vendor.answer = says(429, detail(None, "system_busy"), retry_after="7")
    with pytest.raises(ProviderRateLimited) as caught:
        made(elevenlabs, path)
    assert caught.value.retry_after_seconds == 7


@pytest.mark.parametrize("status", [500, 502, 503, 504, 408, 409, 201, 204, 302])
def test_an_answer_that_says_neither_yes_nor_no_leaves_it_unknown(vendor, elevenlabs, path, status):
    vendor.answer = says(status, b"", location="http://169.254.169.254/")
    lost(vendor, elevenlabs, path)


def test_a_broken_vendor_is_not_believed_about_refusals(vendor, elevenlabs, path):
    vendor.answer = says(500, detail("invalid_api_key"))
    lost(vendor, elevenlabs, path)


@pytest.mark.parametrize(
    "answer",
    [
        delivers(b""),
        delivers(b"<html>Sign in</html>", "text/html"),
        delivers(b'{"detail": {}}', "application/json"),
        delivers(SOUND, "video/mp4"),
        delivers(SOUND, "audio/mpegurl"),
        delivers(SOUND, ""),
        delivers(gzip.compress(SOUND), content_encoding="gzip"),
    ],
)
def test_an_answer_that_is_no_sound_was_billed_all_the_same(vendor, elevenlabs, path, answer):
    vendor.answer = answer
    lost(vendor, elevenlabs, path)


def test_a_type_with_parameters_is_a_sound_too(vendor, elevenlabs, path):
    vendor.answer = delivers(SOUND, "Audio/MPEG; charset=binary")
    assert made(elevenlabs, path) == Made("audio/mpeg", None)


def test_an_answer_cut_in_the_middle_is_lost(vendor, elevenlabs, path):
    def cut(handler):
        handler.send_response(200)
        handler.send_header("content-type", "audio/mpeg")
        handler.send_header("content-length", "5000")
        handler.end_headers()
        handler.wfile.write(SOUND[:2000])
        handler.wfile.flush()
        handler.connection.shutdown(socket.SHUT_RDWR)

    vendor.answer = cut
    lost(vendor, elevenlabs, path)


def test_a_connection_closed_without_an_answer_is_lost(vendor, elevenlabs, path):
    vendor.answer = lambda handler: handler.connection.shutdown(socket.SHUT_RDWR)
    lost(vendor, elevenlabs, path)


def drips(status, piece):
    """Sends a little, again and again, for longer than anybody should listen."""

    def answer(handler):
        handler.send_response(status)
        handler.send_header("content-type", "audio/mpeg")
        handler.end_headers()
        for _ in range(200):
            try:
                handler.wfile.write(piece)
                handler.wfile.flush()
            except OSError:
                break
            time.sleep(0.02)
        handler.close_connection = True

    return answer


@pytest.mark.parametrize("status", [200, 400])
def test_dripping_ends_with_the_time_there_is(vendor, elevenlabs, path, status):
    vendor.answer = drips(status, b"x")
    lost(vendor, elevenlabs, path, total_seconds=0.3)


def test_silence_within_the_file_is_not_waited_out(vendor, elevenlabs, path, monkeypatch):
    def stops(handler):
        handler.send_response(200)
        handler.send_header("content-type", "audio/mpeg")
        handler.end_headers()
        handler.wfile.write(SOUND)
        handler.wfile.flush()
        handler.connection.settimeout(2)
        handler.rfile.read(1)

    monkeypatch.setattr(module, "IDLE_SECONDS", 0.1)
    vendor.answer = stops
    lost(vendor, elevenlabs, path)


def test_a_file_without_end_is_cut_off(vendor, elevenlabs, path, monkeypatch):
    monkeypatch.setattr(module, "MAX_FILE_BYTES", 3000)
    vendor.answer = delivers()
    lost(vendor, elevenlabs, path)


def test_an_endless_refusal_is_no_refusal(vendor, elevenlabs, path, monkeypatch):
    monkeypatch.setattr(module, "MAX_BODY_BYTES", 3000)
    vendor.answer = says(400, b"x" * 5000)
    lost(vendor, elevenlabs, path)


def test_a_full_disk_after_the_create_is_no_reason_to_create_again(
    vendor, elevenlabs, path, monkeypatch
):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(module, "_limit_pauses", full)
    vendor.answer = delivers()
    lost(vendor, elevenlabs, path)


def test_a_vendor_out_of_reach_was_asked_nothing(path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        base_url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(NotSent):
            made(ElevenLabs(base_url, "key"), path)
    http_client(base_url).close()
    http_client.cache_clear()
    assert not path.exists()
