import json

import boto3
import pytest
from hypothesis import given
from hypothesis import strategies as st
from moto import mock_aws
from pydantic import ValidationError

from showreel.catalog import (
    bind,
    catalogue,
    find_model,
    get_model,
    list_ids,
    price,
    replacement,
    snap_duration,
)
from showreel.catalog.listing import public
from showreel.catalog.models import Durations
from showreel.core import aws, secrets
from showreel.core import settings as core_settings
from showreel.core.errors import InvalidInput, ProviderError, Transient
from tools.catalogue import CatalogueFile

_A_FORM = {"fields": {"prompt": {"type": "string"}}}


@pytest.fixture(autouse=True)
def fresh_settings(monkeypatch):
    monkeypatch.delenv("CATALOGUE_PARAMETER", raising=False)
    core_settings.settings.cache_clear()
    secrets._kept.clear()
    aws.client.cache_clear()
    yield
    core_settings.settings.cache_clear()
    secrets._kept.clear()
    aws.client.cache_clear()


@pytest.mark.parametrize(
    ("model", "seconds", "audio", "credit_count", "cents"),
    [
        ("kling-v2.6-pro", 5, False, 30, 35),
        ("kling-v2.6-pro", 10, False, 60, 70),
        ("kling-v2.6-pro", 5, True, 53, 70),
        ("kling-v3.0", 3, False, 12, 34),
        ("kling-v3.0", 4, False, 16, 45),
        ("kling-v3.0", 15, True, 60, 252),
        ("showreel/camera-motion", 1, False, 1, 0),
        ("showreel/camera-motion", 60, True, 1, 0),
    ],
)
def test_price_is_pro_rata_rounded_up(model, seconds, audio, credit_count, cents):
    cost = price(get_model(model), seconds, native_audio=audio)
    assert (cost.credits, cost.cost_cents) == (credit_count, cents)


@given(model=st.sampled_from(list_ids()), seconds=st.integers(1, 60))
def test_no_length_is_free_or_cheaper_than_a_shorter_one(model, seconds):
    shorter, longer = (price(get_model(model), n) for n in (seconds, seconds + 1))
    assert 1 <= shorter.credits <= longer.credits
    assert shorter.cost_cents <= longer.cost_cents


@pytest.mark.parametrize(
    ("model", "wanted", "snapped"),
    [
        ("kling-v2.6-pro", 1, 5),
        ("kling-v2.6-pro", 7.4, 5),
        ("kling-v2.6-pro", 7.5, 10),
        ("kling-v2.6-pro", 60, 10),
        ("kling-v3.0", 1, 3),
        ("kling-v3.0", 4.4, 4),
        ("kling-v3.0", 40, 15),
    ],
)
def test_durations_snap_to_what_the_model_can_do(model, wanted, snapped):
    assert snap_duration(get_model(model), wanted) == snapped


@pytest.mark.parametrize(
    ("wanted", "like"), [("kling-v3", "kling-v3.0"), ("flux/schnell", "fal-ai/flux/schnell")]
)
def test_unknown_models_are_refused_with_those_most_like_them(wanted, like):
    with pytest.raises(InvalidInput) as caught:
        get_model(wanted)
    assert like in caught.value.message
    assert caught.value.code == "unknown_model"
    assert find_model(wanted) is None


def test_a_name_like_no_other_is_refused_too():
    with pytest.raises(InvalidInput):
        get_model("?" * 100_000)


def test_models_are_found_by_what_they_make_and_who_makes_them():
    sounds = map(get_model, list_ids("audio"))
    assert {model.media_type for model in sounds} == {"audio"}
    lip_syncs = map(get_model, list_ids(None, "lip-sync"))
    assert {model.workflow_type for model in lip_syncs} == {"lip-sync"}
    by_groq = map(get_model, list_ids(provider="groq", include_retired=True))
    assert {model.provider for model in by_groq} == {"groq"}


def test_a_gone_model_has_its_successor():
    successor = replacement(get_model("kling-v2.6-pro"))
    assert successor is not None
    assert successor.id == "kling-v3.0"


def test_a_successor_is_made_by_something_else_upstream():
    """Veo 2 is made by Gemini Omni already; when that is gone, Omni's own successor follows."""
    successor = replacement(get_model("veo-2"))
    assert successor is not None
    assert successor.id == "kling-v3.0"


def test_the_built_in_model_has_no_successor():
    assert replacement(get_model("showreel/camera-motion")) is None


def test_the_file_refuses_double_ids_and_unknown_successors():
    file = json.loads(catalogue.FILE.read_text())
    with pytest.raises(ValidationError, match="forms"):
        CatalogueFile.model_validate(file | {"forms": {**file["forms"], "unused": _A_FORM}})
    with pytest.raises(ValidationError, match="twice"):
        CatalogueFile.model_validate(file | {"models": file["models"] * 2})
    file["models"][0]["lifecycle"]["replaced_by"] = "nobody"
    with pytest.raises(ValidationError, match="unknown models"):
        CatalogueFile.model_validate(file)


@pytest.mark.parametrize("fields", [{}, {"allowed": [5], "minimum": 1, "maximum": 2}])
def test_durations_have_one_form(fields):
    with pytest.raises(ValidationError):
        Durations.model_validate(fields)


def override(monkeypatch, value: str | None) -> None:
    monkeypatch.setenv("CATALOGUE_PARAMETER", "/showreel/bindings")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    if value is not None:
        boto3.client("ssm").put_parameter(Name="/showreel/bindings", Value=value, Type="String")


@mock_aws
def test_an_operator_can_rebind_a_model(monkeypatch):
    binding = {"provider": "kling", "upstream": "kling-v9", "parameters": {"mode": "std"}}
    override(monkeypatch, json.dumps({"bindings": {"kling-v3.0": binding}}))
    assert bind(get_model("kling-v3.0")).upstream == "kling-v9"
    assert bind(get_model("kling-v2.6-pro")).upstream == "kling-v2-6"


@mock_aws
def test_broken_bindings_stop_generation_instead_of_guessing(monkeypatch):
    override(monkeypatch, "{not json")
    with pytest.raises(ProviderError):
        bind(get_model("kling-v3.0"))


@mock_aws
def test_a_missing_bindings_parameter_is_a_passing_fault(monkeypatch):
    override(monkeypatch, None)
    with pytest.raises(Transient):
        bind(get_model("kling-v3.0"))


@mock_aws
def test_an_operator_can_overrule_prices_and_the_floor(monkeypatch):
    prices = {"kling-v3.0": {"credits": 26, "credits_native_audio": 40}}
    override(monkeypatch, json.dumps({"prices": prices, "margin": 3}))
    kling, other, documented = map(get_model, ("kling-v3.0", "kling-v2.6-pro", "veo-2"))
    assert [price(kling, 5, native_audio=sound).credits for sound in (False, True)] == [26, 40]
    assert price(kling, 10).credits == 52
    assert [price(other, 5, native_audio=sound).credits for sound in (False, True)] == [53, 105]
    assert price(documented, 8).credits == 30, "documents print it"
    listed = public(kling)
    assert (listed["credits"], listed["pricing"]["creditsNativeAudio"]) == (26, 40)


@pytest.mark.parametrize("wrong", [{"prices": {"veo-2": {"credits": 0}}}, {"kling-v3.0": {}}])
@mock_aws
def test_a_price_that_makes_no_sense_sells_nothing(monkeypatch, wrong):
    override(monkeypatch, json.dumps(wrong))
    with pytest.raises(ProviderError):
        price(get_model("veo-2"), 8)
