import copy
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from showreel.catalog import get_model, list_ids
from showreel.catalog.forms import CheckedInputs, check_inputs
from showreel.core.errors import InvalidInput
from tools.catalogue import catalogue_file

PICTURE, LAST = "https://example.org/a.jpg", "https://example.org/b.jpg"
CLIP, VOICE = "https://example.org/a.mp4", "https://example.org/a.mp3"
O3 = "fal-ai/kling-video/o3/standard"


def check(model_id: str, **inputs: object) -> CheckedInputs:
    return check_inputs(get_model(model_id), inputs)


def faults(model_id: str, **inputs: object) -> dict[str, str]:
    with pytest.raises(InvalidInput) as caught:
        check(model_id, **inputs)
    assert caught.value.code == "invalid_input"
    return {fault["field"]: fault["message"] for fault in caught.value.details["details"]}


def test_the_documented_picture_request_is_sent_as_it_is():
    checked = check("fal-ai/flux/schnell", prompt="a city", image_size="landscape_16_9")
    assert checked.inputs == {"prompt": "a city", "image_size": "landscape_16_9"}
    assert (checked.prompt, checked.count) == ("a city", 1)


def test_the_documented_video_request_is_sent_as_it_is():
    inputs = {"duration": "5", "aspect_ratio": "16:9", "generate_audio": True}
    checked = check(f"{O3}/text-to-video", prompt="an island", **inputs)
    assert checked.inputs == {"prompt": "an island", **inputs}
    assert (checked.duration_seconds, checked.aspect_ratio) == (5, "16:9")
    assert checked.native_audio


def test_unknown_fields_are_never_sent():
    checked = check("fal-ai/flux/schnell", prompt="x", sync_mode=True, loras=["y"], webhook="z")
    assert checked.inputs == {"prompt": "x"}


@pytest.mark.parametrize("given", [5, 5.0, "5", "5s", None])
def test_lengths_are_read_however_they_are_written(given):
    checked = check(f"{O3}/text-to-video", prompt="x", duration=given)
    assert checked.duration_seconds == 5


@pytest.mark.parametrize(
    ("model", "given", "sent"),
    [
        (f"{O3}/text-to-video", 40, "15"),
        ("fal-ai/kling-video/v2.6/pro/text-to-video", 7, "5"),
        ("fal-ai/veo3.1", "5", "6s"),
        ("fal-ai/sora-2/text-to-video", "8", 8),
    ],
)
def test_lengths_are_those_the_model_makes_written_its_way(model, given, sent):
    assert check(model, prompt="x", duration=given).inputs["duration"] == sent


@pytest.mark.parametrize("given", [0, -1, "soon", True, float("nan"), float("inf"), [5], "1e99"])
def test_what_is_no_length_is_refused(given):
    assert list(faults(f"{O3}/text-to-video", prompt="x", duration=given)) == ["duration"]


def test_all_that_is_wrong_is_reported_at_once():
    found = faults(
        "fal-ai/flux/schnell",
        prompt=" ",
        image_size="huge",
        num_images=9,
        seed=1.5,
        guidance_scale=99,
    )
    assert found == {
        "prompt": "must not be blank",
        "image_size": "must be one of square_hd, square, portrait_4_3, portrait_16_9, "
        "landscape_4_3, landscape_16_9",
        "num_images": "must be at most 4",
        "seed": "must be a whole number",
        "guidance_scale": "must be at most 20",
    }


def test_what_a_model_needs_is_required():
    assert faults(f"{O3}/image-to-video", prompt="x") == {"image_url": "is required"}
    assert set(faults("fal-ai/latentsync")) == {"video_url", "audio_url"}


def test_an_input_that_the_model_cannot_take_is_left_out():
    checked = check(f"{O3}/text-to-video", prompt="x", image_url=PICTURE, aspect_ratio="1:1")
    assert checked.media == ()
    assert "image_url" not in checked.inputs


def test_a_ratio_the_model_does_not_make_is_refused_and_auto_is_its_own_choice():
    assert "aspect_ratio" in faults("fal-ai/veo3.1", prompt="x", aspect_ratio="1:1")
    assert "aspect_ratio" not in check("fal-ai/veo3.1", prompt="x", aspect_ratio="auto").inputs


def test_a_ratio_becomes_the_size_that_the_vendor_has_for_it():
    checked = check("fal-ai/flux/dev", prompt="x", aspect_ratio="9:16")
    assert checked.inputs["image_size"] == "portrait_16_9"
    assert checked.aspect_ratio == "9:16"


def test_pictures_have_the_names_that_each_model_has_for_them():
    given = {"prompt": "x", "image_url": PICTURE, "end_image_url": LAST}
    kling = check("fal-ai/kling-video/v3/pro/image-to-video", **given).inputs
    turbo = check("fal-ai/kling-video/v2.5-turbo/pro/image-to-video", **given).inputs
    wan = check("gmi/wan2.7-i2v", **given).inputs
    assert (kling["start_image_url"], kling["end_image_url"]) == (PICTURE, LAST)
    assert (turbo["image_url"], turbo["tail_image_url"]) == (PICTURE, LAST)
    assert (wan["first_frame"], wan["last_frame"]) == (PICTURE, LAST)


def test_the_vendors_own_names_are_understood():
    model = "fal-ai/kling-video/v3/pro/image-to-video"
    assert check(model, prompt="x", start_image_url=PICTURE).inputs["start_image_url"] == PICTURE


def test_one_picture_is_a_list_of_one_and_of_a_list_the_first_is_the_one():
    edited = check("fal-ai/nano-banana-2/edit", prompt="x", image_url=PICTURE)
    moved = check(f"{O3}/image-to-video", image_urls=[PICTURE, LAST])
    assert edited.inputs["image_urls"] == [PICTURE]
    assert moved.inputs["image_url"] == PICTURE


def test_there_are_no_more_pictures_than_the_model_takes():
    model = "fal-ai/qwen-image-2/edit"
    assert "image_urls" in faults(model, prompt="x", image_urls=[PICTURE] * 4)


def test_a_reference_video_goes_where_the_vendor_has_it():
    checked = check(f"{O3}/reference-to-video", prompt="x", video_url=CLIP, image_urls=[PICTURE])
    assert checked.inputs["elements"] == [{"video_url": CLIP}]
    assert {(media.kind, media.url) for media in checked.media} == {
        ("video", CLIP),
        ("image", PICTURE),
    }


def test_urls_are_replaced_by_those_of_the_copies():
    checked = check(f"{O3}/reference-to-video", prompt="x", video_url=CLIP, image_urls=[PICTURE])
    before = copy.deepcopy(checked.inputs)
    sent = checked.with_urls({CLIP: "copy-1", PICTURE: "copy-2"})
    assert sent["elements"] == [{"video_url": "copy-1"}]
    assert sent["image_urls"] == ["copy-2"]
    assert checked.inputs == before


def test_a_timeline_keeps_its_tracks_and_lists_their_media():
    frames = [{"timestamp": 0, "duration": 5000, "url": CLIP, "evil": 1}]
    tracks = [
        {"id": "x", "type": "video", "keyframes": frames},
        {"id": "y", "type": "audio", "keyframes": [{**frames[0], "url": VOICE}]},
    ]
    checked = check("fal-ai/ffmpeg-api/compose", tracks=tracks)
    assert checked.with_urls({CLIP: "1", VOICE: "2"})["tracks"] == [
        {"id": "1", "type": "video", "keyframes": [{"timestamp": 0, "duration": 5000, "url": "1"}]},
        {"id": "2", "type": "audio", "keyframes": [{"timestamp": 0, "duration": 5000, "url": "2"}]},
    ]


@pytest.mark.parametrize(
    "tracks",
    [
        "x",
        [],
        [{}],
        [{"type": "video", "keyframes": []}],
        [{"type": "text", "keyframes": [{}]}],
        [{"type": "video", "keyframes": [{"timestamp": 0, "duration": 1e9, "url": CLIP}]}],
        [{"type": "video", "keyframes": [{"timestamp": -1, "duration": 1, "url": CLIP}]}],
        [{"type": "video", "keyframes": [{"timestamp": 0, "duration": 1, "url": 7}]}],
        [{}] * 100,
    ],
)
def test_what_is_no_timeline_is_refused(tracks):
    assert list(faults("fal-ai/ffmpeg-api/compose", tracks=tracks)) == ["tracks"]


def test_a_voice_is_set_inside_the_vendors_object():
    checked = check("fal-ai/minimax/speech-2.8-hd", text="hello", voice="Calm_Woman", speed=1.5)
    assert checked.inputs == {
        "prompt": "hello",
        "voice_setting": {"voice_id": "Calm_Woman", "speed": 1.5},
    }
    assert checked.prompt == "hello"


def test_what_one_field_took_is_not_anothers():
    spoken = check("fal-ai/qwen-3-tts/text-to-speech/1.7b", prompt="hello")
    assert spoken.inputs == {"text": "hello", "voice": "Serena"}
    designed = check("fal-ai/minimax/voice-design", preview_text="hello", prompt="an old sailor")
    assert designed.inputs == {"preview_text": "hello", "prompt": "an old sailor"}


def test_the_documented_sound_requests_pass():
    speech = check("elevenlabs-tts", text="hello", voiceId="abc", modelId="eleven_flash_v2_5")
    sound = check("elevenlabs-sfx", prompt="rain", duration=0.5)
    music = check("elevenlabs-music", prompt="jazz", duration=30)
    assert speech.inputs == {"text": "hello", "voice_id": "abc", "model_id": "eleven_flash_v2_5"}
    assert sound.inputs == {"text": "rain", "duration_seconds": 0.5}
    assert music.inputs == {"prompt": "jazz", "music_length_ms": 30_000}
    assert music.duration_seconds == 30


@pytest.mark.parametrize("seconds", [0.4, 30.1])
def test_a_sound_has_the_lengths_it_can_have(seconds):
    assert list(faults("elevenlabs-sfx", prompt="rain", duration=seconds)) == ["duration"]


def test_a_text_is_never_longer_than_the_models_longest():
    assert check("google/gemini-2.5-flash", prompt="x", maxTokens=99_999).max_output_tokens == 4096
    assert check("google/gemini-2.5-flash", prompt="x", maxTokens=10).max_output_tokens == 10
    assert check("google/gemini-2.5-flash", prompt="x").max_output_tokens == 4096
    assert "maxTokens" in faults("google/gemini-2.5-flash", prompt="x", maxTokens=0)


def test_a_result_as_long_as_its_input_has_no_length_yet():
    checked = check("fal-ai/latentsync", video_url=CLIP, audio_url=VOICE, duration=3)
    assert checked.duration_seconds is None


def test_a_video_of_one_length_has_it():
    checked = check("fal-ai/magi", prompt="x", duration=9)
    assert checked.duration_seconds == 4
    assert "duration" not in checked.inputs


NAMES = sorted({name for form in catalogue_file().forms.values() for name in form.fields})
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)


@given(
    model=st.sampled_from(list_ids()).map(get_model),
    inputs=st.dictionaries(st.sampled_from(NAMES), ANYTHING, max_size=8),
)
def test_nothing_a_caller_sends_breaks_the_check(model, inputs):
    with suppress(InvalidInput):
        assert isinstance(check_inputs(model, inputs).inputs, dict)
