"""ElevenLabs' wire, driven by the vendor's own package."""

from collections.abc import Iterator
from functools import partial
from typing import Any

import httpx
import pytest

from tests.simulators.conftest import ELEVENLABS_KEY, Customer
from tests.simulators.sounds import decoded
from tests.support.lazy import Lazy

elevenlabs = Lazy("elevenlabs")
api_error = Lazy("elevenlabs.core.api_error")

VOICE = "21m00Tcm4TlvDq8ikWAM"
TEXT = "Morning light falls through the tall windows of the living room. " * 3


@pytest.fixture
def sdk(customer: Customer) -> Iterator[Any]:
    with httpx.Client(trust_env=False, timeout=30) as client:
        base_url = f"{customer.config.base_url}/elevenlabs"
        yield elevenlabs.ElevenLabs(base_url=base_url, api_key=ELEVENLABS_KEY, httpx_client=client)


def spoken(sdk: Any, text: str = TEXT, voice: str = VOICE, **more: Any) -> bytes:
    return b"".join(sdk.text_to_speech.convert(voice, text=text, **more))


def refused(ask: Any) -> tuple[int, dict[str, Any]]:
    with pytest.raises(api_error.ApiError) as caught:
        ask()
    detail = caught.value.body["detail"]
    assert isinstance(detail, dict)
    assert caught.value.status_code is not None
    return caught.value.status_code, detail


def field_refused(ask: Any) -> tuple[list[str], str]:
    with pytest.raises(elevenlabs.UnprocessableEntityError) as caught:
        ask()
    [problem] = caught.value.body["detail"]
    return problem["loc"], problem["type"]


def collect(answer: httpx.Response, received: bytearray) -> None:
    for piece in answer.iter_bytes():
        received += piece


def order_fault(customer: Customer, operation: str, fault: str, **more: Any) -> None:
    body = {"provider": "elevenlabs", "operation": operation, "fault": fault, **more}
    answer = customer.client.post("/_sim/faults", json=body)
    assert answer.status_code == 201, answer.text


def test_speech_is_as_long_as_its_text(sdk: Any) -> None:
    for text in (TEXT, TEXT * 2):
        sound = decoded(spoken(sdk, text))
        assert sound.seconds == pytest.approx(len(text) / 15, abs=0.1)
        assert sound.loudest > 3000
        assert sound.form() == (44100, 128)


def test_faster_speech_is_shorter(sdk: Any) -> None:
    sound = decoded(spoken(sdk, voice_settings=elevenlabs.VoiceSettings(speed=1.2)))
    assert sound.seconds == pytest.approx(len(TEXT) / 15 / 1.2, abs=0.1)


@pytest.mark.parametrize("output", ["mp3_22050_32", "mp3_24000_48", "mp3_44100_192"])
def test_the_format_is_the_one_asked_for(sdk: Any, output: str) -> None:
    _, rate, kilobits = output.split("_")
    form = decoded(spoken(sdk, "Good morning.", output_format=output)).form()
    assert form == (int(rate), int(kilobits))


def test_a_stream_gives_the_same_sound(sdk: Any) -> None:
    streamed = sdk.text_to_speech.stream(VOICE, text=TEXT)
    assert b"".join(streamed) == spoken(sdk)


def test_headers_name_the_request_and_its_cost(customer: Customer, sdk: Any) -> None:
    costs = {"eleven_multilingual_v2": "13", "eleven_flash_v2_5": "6"}
    for model, cost in costs.items():
        raw = sdk.text_to_speech.with_raw_response
        with raw.convert(VOICE, text="Good morning.", model_id=model) as answer:
            assert b"".join(answer.data)
        assert answer.headers["content-type"] == "audio/mpeg"
        assert answer.headers["character-cost"] == cost
        assert answer.headers["request-id"] == customer.tasks()[-1]["task_id"]


@pytest.mark.parametrize("seconds", [0.5, 7.3])
def test_an_effect_is_as_long_as_asked(sdk: Any, seconds: float) -> None:
    effect = sdk.text_to_sound_effects.convert(text="rain", duration_seconds=seconds)
    sound = decoded(b"".join(effect))
    assert sound.seconds == pytest.approx(seconds, abs=0.06)
    assert sound.loudest > 1000


def test_an_effect_without_a_length_gets_one(sdk: Any) -> None:
    sound = decoded(b"".join(sdk.text_to_sound_effects.convert(text="a door closes")))
    assert 0.9 < sound.seconds < 10.1


@pytest.mark.parametrize(
    ("model", "form"), [("music_v1", (44100, 128)), ("music_v2", (48000, 192))]
)
def test_music_is_as_long_as_asked_in_the_models_best_format(
    sdk: Any, model: Any, form: tuple[int, int]
) -> None:
    music = sdk.music.compose(prompt="calm piano", music_length_ms=20_500, model_id=model)
    sound = decoded(b"".join(music))
    assert sound.seconds == pytest.approx(20.5, abs=0.1)
    assert sound.form() == form
    assert sound.loudest > 3000


def test_music_comes_as_a_stream_too(sdk: Any) -> None:
    music = b"".join(sdk.music.stream(prompt="calm piano", music_length_ms=3000))
    assert decoded(music).seconds == pytest.approx(3, abs=0.1)


def test_voices_and_models_are_listed(sdk: Any) -> None:
    assert VOICE in {voice.voice_id for voice in sdk.voices.get_all().voices}
    assert VOICE in {voice.voice_id for voice in sdk.voices.search().voices}
    limits = {model.model_id: model.maximum_text_length_per_request for model in sdk.models.list()}
    assert limits["eleven_multilingual_v2"] == 10_000
    assert limits["eleven_flash_v2_5"] == 40_000


def test_every_call_is_counted_with_its_credits(customer: Customer, sdk: Any) -> None:
    spoken(sdk, "Good morning.")
    b"".join(sdk.text_to_sound_effects.convert(text="rain", duration_seconds=5))
    with pytest.raises(api_error.ApiError):
        spoken(sdk, "Good morning.", voice="nobody")
    tasks = customer.tasks()
    assert [(task["prompt"], task["cost_units"]) for task in tasks] == [
        ("Good morning.", 13),
        ("rain", 27),
    ]
    assert {task["status"] for task in tasks} == {"created"}


def test_a_wrong_key_is_refused_in_the_vendors_words(customer: Customer, sdk: Any) -> None:
    base_url = f"{customer.config.base_url}/elevenlabs"
    with httpx.Client(trust_env=False) as client:
        stranger = elevenlabs.ElevenLabs(base_url=base_url, api_key="wrong", httpx_client=client)
        status, detail = refused(lambda: spoken(stranger))
    assert (status, detail["status"], detail["code"]) == (401, "invalid_api_key", "invalid_api_key")
    assert customer.tasks() == []


def test_a_request_without_a_key_is_refused(customer: Customer) -> None:
    url = f"/elevenlabs/v1/text-to-speech/{VOICE}"
    answer = customer.client.post(url, json={"text": "hello"})
    assert (answer.status_code, answer.json()["detail"]["code"]) == (401, "missing_api_key")


def test_an_unknown_voice_is_not_found(sdk: Any) -> None:
    status, detail = refused(lambda: spoken(sdk, voice="nobody"))
    assert (status, detail["status"]) == (404, "voice_not_found")
    assert "'nobody'" in detail["message"]


@pytest.mark.parametrize(
    ("model", "most"), [("eleven_multilingual_v2", 10_000), ("eleven_v3", 5_000)]
)
def test_a_text_beyond_the_models_length_is_refused(sdk: Any, model: str, most: int) -> None:
    status, detail = refused(lambda: spoken(sdk, "a" * (most + 1), model_id=model))
    assert (status, detail["status"]) == (400, "max_character_limit_exceeded")
    assert (detail["code"], str(most) in detail["message"]) == ("text_too_long", True)


def test_models_are_known_and_fit(customer: Customer, sdk: Any) -> None:
    assert refused(lambda: spoken(sdk, model_id="eleven_ten"))[0] == 404
    assert refused(lambda: spoken(sdk, model_id="music_v1"))[1]["code"] == "unsupported_model"
    customer.settings(gone_models=["eleven_flash_v2_5"])
    status, detail = refused(lambda: spoken(sdk, model_id="eleven_flash_v2_5"))
    assert (status, detail["code"]) == (404, "model_not_found")
    assert "eleven_flash_v2_5" not in {model.model_id for model in sdk.models.list()}


def test_values_out_of_range_are_refused(sdk: Any) -> None:
    for seconds in (0.4, 30.1):
        make = partial(sdk.text_to_sound_effects.convert, text="rain", duration_seconds=seconds)
        assert refused(lambda make=make: next(make()))[1]["status"] == "invalid_generation_settings"
    loud = elevenlabs.VoiceSettings(stability=1.5)
    assert refused(lambda: spoken(sdk, voice_settings=loud))[1]["code"] == "invalid_voice_settings"
    assert refused(lambda: spoken(sdk, " "))[1]["code"] == "empty_text"


def test_fields_of_the_wrong_shape_are_listed(sdk: Any) -> None:
    def ask(**order: Any) -> Any:
        return lambda: next(sdk.music.compose(**order))

    short = field_refused(ask(prompt="piano", music_length_ms=2999))
    assert short == (["body", "music_length_ms"], "greater_than_equal")
    long = field_refused(ask(prompt="piano", music_length_ms=600_001))
    assert long == (["body", "music_length_ms"], "less_than_equal")
    assert field_refused(ask(music_length_ms=3000)) == (["body", "prompt"], "missing")
    other = field_refused(lambda: spoken(sdk, output_format="mp3_1_1"))
    assert other == (["query", "output_format"], "enum")
    assert field_refused(lambda: spoken(sdk, 5))[0] == ["body", "text"]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("fault", "status", "word"),
    [
        ("rate_limited", 429, "system_busy"),
        ("quota", 401, "quota_exceeded"),
        ("auth", 401, "invalid_api_key"),
        ("server_error", 500, "internal_error"),
        ("invalid_input", 400, "invalid_parameters"),
        ("content_policy", 403, "content_against_policy"),
        ("model_gone", 404, "model_not_found"),
    ],
)
def test_an_ordered_refusal_has_the_vendors_form_and_costs_nothing(
    customer: Customer, sdk: Any, fault: str, status: int, word: str
) -> None:
    order_fault(customer, "submit", fault, match={"prompt_contains": "Morning"})
    spoken(sdk, "another text")
    found, detail = refused(lambda: spoken(sdk))
    assert (found, detail["status"]) == (status, word)
    assert len(customer.tasks()) == 1


def test_music_that_is_refused_comes_with_another_idea(customer: Customer, sdk: Any) -> None:
    order_fault(customer, "submit", "content_policy")
    music = sdk.music.compose(prompt="like somebody", music_length_ms=3000)
    status, detail = refused(lambda: next(music))
    assert (status, detail["status"]) == (400, "bad_prompt")
    assert detail["data"]["prompt_suggestion"]


def test_too_many_at_once_are_refused(customer: Customer, sdk: Any) -> None:
    customer.settings(concurrency=0)
    status, detail = refused(lambda: spoken(sdk))
    assert (status, detail["status"]) == (429, "too_many_concurrent_requests")
    assert detail["code"] == "concurrent_limit_exceeded"


@pytest.mark.parametrize("path", ["", "/stream"])
def test_a_dropped_reply_breaks_off_in_the_middle_and_is_billed(
    customer: Customer, sdk: Any, path: str
) -> None:
    order_fault(customer, "submit", "drop_reply")
    url = f"/elevenlabs/v1/text-to-speech/{VOICE}{path}"
    headers, received = {"xi-api-key": ELEVENLABS_KEY}, bytearray()
    call = customer.client.stream("POST", url, json={"text": TEXT}, headers=headers)
    with pytest.raises(httpx.RemoteProtocolError), call as answer:
        collect(answer, received)
    whole = spoken(sdk)
    assert whole.startswith(received)
    assert 0 < len(received) < len(whole)
    assert [task["status"] for task in customer.tasks()] == ["created", "created"]


def test_a_hanging_call_is_billed_and_never_answered(customer: Customer, sdk: Any) -> None:
    order_fault(customer, "submit", "hang", delay_seconds=0)
    with pytest.raises(httpx.HTTPError):
        spoken(sdk)
    assert [task["cost_units"] for task in customer.tasks()] == [len(TEXT)]


def test_a_gateway_gives_up_on_a_call_that_is_billed(customer: Customer, sdk: Any) -> None:
    order_fault(customer, "submit", "gateway_timeout")
    with pytest.raises(api_error.ApiError) as caught:
        spoken(sdk)
    assert (caught.value.status_code, len(customer.tasks())) == (504, 1)


@pytest.mark.parametrize("fault", ["corrupt", "truncated", "html", "empty"])
def test_a_spoiled_file_comes_in_the_answer(customer: Customer, sdk: Any, fault: str) -> None:
    order_fault(customer, "result", fault)
    spoiled, whole = spoken(sdk), spoken(sdk)
    expected = {
        "corrupt": len(whole),
        "truncated": int(len(whole) * 0.6),
        "html": len(spoiled),
        "empty": 0,
    }
    assert len(spoiled) == expected[fault]
    assert spoiled != whole
    assert (fault == "html") == spoiled.startswith(b"<!doctype html>")


def test_a_call_takes_as_long_as_generations_take(customer: Customer, sdk: Any) -> None:
    customer.settings(generation_seconds=0.4)
    order_fault(customer, "submit", "slow", delay_seconds=0.3)
    spoken(sdk)
    task = customer.tasks()[0]
    assert task["finished_ms"] - task["submitted_ms"] >= 690
