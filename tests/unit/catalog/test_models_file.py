"""What the file promises: documented ids and prices, every kind of work, entries to be used."""

import pytest

from showreel.catalog import Model, default_duration, price, replacement
from showreel.catalog.fields import FormField
from showreel.catalog.forms import check_inputs, is_offered, is_required
from tests.support.loops import for_each
from tools.catalogue import catalogue_file

FILE = catalogue_file()
MODELS = {model.id: model for model in FILE.models}
ALIVE = [model for model in FILE.models if model.lifecycle.status != "retired"]
WORKFLOWS = {
    "image": {"text-to-image", "image-edit", "image-to-image", "image-analysis"},
    "video": {
        "text-to-video",
        "image-to-video",
        "reference-to-video",
        "audio-to-video",
        "element-creation",
        "video-edit",
        "video-reference",
        "video-compose",
        "video-to-video",
        "video-to-image",
        "analysis",
        "lip-sync",
        "talking-head",
    },
    "audio": {
        "text-to-speech",
        "voice-clone",
        "voice-design",
        "text-to-music",
        "audio-to-audio",
        "text-to-audio",
        "video-to-audio",
        "speech-to-text",
        "analysis",
    },
    "text": {"text-to-text"},
}
DOCUMENTED = {
    "fal-ai/flux/schnell": ("FLUX Schnell", "fal-ai", 3, "image", "text-to-image"),
    "fal-ai/kling-video/o3/standard/text-to-video": (
        "Kling O3 Standard T2V",
        "fal-ai",
        20,
        "video",
        "text-to-video",
    ),
    "google/gemini-2.5-flash": ("Gemini 2.5 Flash", "google", 2, "text", "text-to-text"),
    "openai/gpt-5": ("GPT-5", "openai", 8, "text", "text-to-text"),
    "openai/gpt-5-mini": ("GPT-5 Mini", "openai", 3, "text", "text-to-text"),
    "elevenlabs-tts": ("ElevenLabs TTS", "elevenlabs", 8, "audio", "text-to-speech"),
    "elevenlabs-sfx": ("ElevenLabs SFX", "elevenlabs", 5, "audio", "text-to-audio"),
    "elevenlabs-music": ("ElevenLabs Music", "elevenlabs", 57, "audio", "text-to-audio"),
}
PRICES = {
    "veo-2": 30,
    "kling-v3.0": 20,
    "wan2.1-i2v-720p": 12,
    "runway-gen4-turbo": 40,
    "kling-1.6-pro": 15,
    "kling-v2.6-pro": 30,
    "showreel/camera-motion": 1,
}
ADAPTERS = {
    "builtin",
    "kling",
    "replicate",
    "google-interactions",
    "fal",
    "gmi",
    "gmi-text",
    "groq",
    "google-text",
    "elevenlabs",
}
every_model = for_each(FILE.models, lambda model: model.id)


@pytest.mark.parametrize(("model_id", "facts"), DOCUMENTED.items())
def test_documented_models_are_there_as_documented(model_id, facts):
    model = MODELS[model_id]
    shown = (model.name, model.provider, model.pricing.credits)
    assert (*shown, model.media_type, model.workflow_type) == facts


@pytest.mark.parametrize(("model_id", "credit_count"), PRICES.items())
def test_documented_prices_hold(model_id, credit_count):
    assert MODELS[model_id].pricing.credits == credit_count


def test_there_are_many_models_of_every_kind():
    assert len(ALIVE) >= 140
    for media, workflows in WORKFLOWS.items():
        assert workflows <= {one.workflow_type for one in ALIVE if one.media_type == media}


@every_model
def test_nothing_is_free(model):
    assert model.pricing.credits >= 1
    assert price(model).credits >= 1
    assert price(model, 1, characters=1).credits >= 1


@every_model
def test_a_model_has_a_maker_and_limits(model):
    can = model.capabilities
    assert model.binding.provider in ADAPTERS
    assert (can.inputs.prompt == "none") == (can.max_prompt_chars is None) or can.max_prompt_chars
    assert (can.inputs.references == "none") == (can.max_references == 0)
    if model.media_type == "text":
        assert can.max_output_tokens
        assert can.context_tokens
    if model.workflow_type in {"text-to-video", "image-to-video", "reference-to-video"}:
        assert can.duration_seconds


@every_model
def test_a_smallest_request_passes_and_has_a_price(model):
    checked = check_inputs(model, smallest(model))
    cost = price(model, checked.duration_seconds, characters=len(checked.prompt))
    assert cost.credits >= 1
    with_all = check_inputs(model, fullest(model))
    assert set(checked.inputs) <= set(with_all.inputs)


@every_model
def test_a_request_without_its_length_costs_what_is_shown(model):
    if model.pricing.unit == "second":
        assert default_duration(model) == model.pricing.units
    checked = check_inputs(model, smallest(model))
    if model.pricing.unit != "1k_characters":
        assert price(model, checked.duration_seconds).credits == model.pricing.credits


@every_model
def test_inputs_and_forms_agree(model):
    """What a model can take, its form can give."""
    form = FILE.forms[model.form]
    roles = {field.role for field in form.fields.values()}
    taken = {name for name, how in model.capabilities.inputs if how != "none"}
    assert taken <= roles
    if model.capabilities.aspect_ratios and model.capabilities.aspect_ratio_from == "parameter":
        assert "aspect_ratio" in roles
    if model.pricing.unit == "image":
        assert "count" in roles or model.capabilities.max_images == 1


@every_model
def test_a_model_that_is_gone_has_a_successor_of_its_kind(model):
    heir = replacement(model)
    if model.lifecycle.status == "retired":
        assert model.lifecycle.retired_on
        assert model.binding.makes
    if heir is not None:
        assert heir.media_type == model.media_type
        assert heir.lifecycle.status != "retired"


@pytest.mark.parametrize(("workflow", "ids"), FILE.defaults.items())
def test_a_workflow_has_defaults_that_do_it(workflow, ids):
    makers = [MODELS[model_id] for model_id in ids]
    assert all(model.workflow_type == workflow for model in makers)
    assert len({model.provider for model in makers}) == len(makers)


def smallest(model: Model) -> dict[str, object]:
    return {
        name: example(field)
        for name, field in FILE.forms[model.form].fields.items()
        if is_offered(model, field) and is_required(model, field)
    }


def fullest(model: Model) -> dict[str, object]:
    return {
        name: example(field, model)
        for name, field in FILE.forms[model.form].fields.items()
        if is_offered(model, field)
    }


def example(field: FormField, model: Model | None = None) -> object:
    if field.role == "aspect_ratio" and model:
        return model.capabilities.aspect_ratios[0]
    if field.type == "tracks":
        frame = {"timestamp": 0, "duration": 5000, "url": "https://example.org/a.mp4"}
        return [{"id": "a", "type": "video", "keyframes": [frame]}]
    if field.media_kind:
        url = f"https://example.org/{field.media_kind}"
        return [url] * int(field.minimum or 1) if field.type.endswith("_list") else url
    numbers = {"integer": int(field.minimum or 1), "number": field.minimum or 1.0}
    if field.maximum is not None and field.maximum < 1:
        numbers = {"integer": int(field.maximum), "number": field.maximum}
    choice = field.choices[0] if field.choices else None
    return {**numbers, "enum": choice, "boolean": True, "string": "words"}[field.type]
