import pytest

from showreel.catalog import get_model, price


@pytest.mark.parametrize(
    ("model_id", "quantity", "credit_count", "cents"),
    [
        ("fal-ai/flux/schnell", {}, 3, 1),
        ("fal-ai/flux/schnell", {"count": 4}, 12, 2),
        ("fal-ai/kling-video/o3/standard/text-to-video", {}, 20, 42),
        ("fal-ai/kling-video/o3/standard/text-to-video", {"duration_seconds": 3}, 12, 26),
        ("fal-ai/kling-video/o3/standard/text-to-video", {"duration_seconds": 15}, 60, 126),
        ("elevenlabs-tts", {"characters": 1}, 1, 1),
        ("elevenlabs-tts", {"characters": 1000}, 8, 10),
        ("elevenlabs-tts", {"characters": 1001}, 9, 11),
        ("elevenlabs-tts", {"characters": 0}, 1, 0),
        ("elevenlabs-music", {"duration_seconds": 60}, 57, 75),
        ("elevenlabs-music", {"duration_seconds": 30}, 29, 38),
        ("elevenlabs-music", {"duration_seconds": 61}, 58, 77),
        ("elevenlabs-sfx", {"duration_seconds": 30}, 5, 6),
        ("google/gemini-2.5-flash", {}, 2, 2),
        ("fal-ai/latentsync", {"duration_seconds": 12.3}, 19, 25),
    ],
)
def test_every_unit_has_its_price_rounded_up(model_id, quantity, credit_count, cents):
    paid = price(get_model(model_id), **quantity)
    assert (paid.credits, paid.cost_cents) == (credit_count, cents)


def test_less_than_the_base_may_cost_as_much():
    model = get_model("fal-ai/kling-video/o3/standard/text-to-video")
    paid = price(model, 3, base_is_least=True)
    assert (paid.credits, paid.cost_cents) == (20, 26)


def test_sound_costs_us_more():
    model = get_model("fal-ai/kling-video/o3/standard/text-to-video")
    assert price(model, 5, native_audio=True).cost_cents == 56
