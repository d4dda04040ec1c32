"""Every model of the catalogue, ordered with the least that its form asks for: the endpoint knows
it, the form takes it, and the job costs what the list says.
"""

import json
from typing import Any

import pytest

from showreel.catalog import Model, bind
from showreel.catalog.catalogue import get_form
from showreel.catalog.fields import FormField
from showreel.catalog.forms import CheckedInputs, check_inputs, is_offered, is_required
from showreel.catalog.listing import public
from showreel.core.errors import InvalidInput
from showreel.generation.models import Job, JobRequest, Terms, Wanted
from showreel.generation.service import new_job
from showreel.orders import service as orders
from showreel.orders.schemas import RoutedRequest
from showreel.providers.registry import ADAPTERS, BUILTIN, SYNCHRONOUS
from showreel.singles.audio import service as audio
from tests.support.loops import for_each
from tools.catalogue import catalogue_file

MODELS = catalogue_file().models
URLS = {kind: f"https://example.org/a.{kind}" for kind in ("image", "video", "audio")}
FRAME = {"timestamp": 0, "duration": 1000, "url": URLS["video"]}
ENDPOINTS = {"fal-ai": orders.FAL, "gmi-cloud": orders.GMI}
PRICED_CHARACTERS = 1000

every_model = for_each(MODELS, lambda model: model.id)


def value_of(model: Model, field: FormField) -> Any:
    if field.type == "tracks":
        return [{"type": "video", "keyframes": [FRAME]}]
    if field.media_kind:
        url = URLS[field.media_kind]
        return [url] * int(field.minimum or 1) if field.type.endswith("_list") else url
    if field.type == "enum":
        return field.choices[0]
    if field.type == "boolean":
        return True
    if field.type in {"integer", "number"}:
        return field.minimum or 1
    most = model.capabilities.max_prompt_chars or PRICED_CHARACTERS
    return "x" * (min(PRICED_CHARACTERS, most) if field.role == "prompt" else 1)


def least(model: Model) -> dict[str, Any]:
    """A value for each field that can't be left out."""
    return {
        name: value_of(model, field)
        for name, field in get_form(model).fields.items()
        if is_offered(model, field) and is_required(model, field)
    }


def job_of(model: Model, checked: CheckedInputs) -> Job:
    ratios = model.capabilities.aspect_ratios
    wanted = Wanted(
        prompt=checked.prompt,
        duration_seconds=checked.duration_seconds,
        media_type=model.media_type,
        count=checked.count,
        characters=len(checked.prompt) or None,
        inputs=checked.inputs,
        aspect_ratio=checked.aspect_ratio or (ratios[0] if ratios else "16:9"),
        native_audio=checked.native_audio,
    )
    return new_job(
        JobRequest(
            job_id="job",
            workspace_id="ws",
            kind="dry run",
            catalogue_id=model.id,
            wanted=wanted,
            terms=Terms(deadline_at_seconds=1),
        )
    )


@every_model
def test_the_job_costs_what_the_list_says(model: Model) -> None:
    job = job_of(model, check_inputs(model, least(model)))
    assert job.credits == public(model)["credits"] >= 1
    assert (job.catalogue_id, job.provider) == (model.id, bind(model).provider)
    assert (job.model == model.id) is (bind(model).makes in {None, model.id})


@every_model
def test_nothing_unknown_is_sent_and_no_url_unseen(model: Model) -> None:
    """What isn't told as media would go to the vendor as the caller's own URL."""
    checked = check_inputs(model, least(model) | {"webhook_url": "x", "workspace_id": "y"})
    assert not {"webhook_url", "workspace_id"} & set(checked.inputs)
    assert json.dumps(checked.inputs).count("https://example.org") == len(checked.media)


@every_model
def test_an_adapter_makes_it(model: Model) -> None:
    provider = bind(model).provider
    is_text = model.media_type == "text"
    assert provider == BUILTIN or (ADAPTERS[provider].port == "text") is is_text


@every_model
def test_its_own_endpoint_sells_it_and_no_other(model: Model) -> None:
    request = RoutedRequest.model_validate({"modelId": model.id, "inputs": least(model)})
    for label, endpoint in ENDPOINTS.items():
        if model.provider == label:
            assert orders.chosen(endpoint, request) == model
            continue
        with pytest.raises(InvalidInput) as caught:
            orders.chosen(endpoint, request)
        assert caught.value.code in {"wrong_endpoint", "model_retired"}
    assert (model.id in audio.KINDS) is (bind(model).provider in SYNCHRONOUS)


@every_model
def test_an_order_without_what_is_required_is_refused(model: Model) -> None:
    wanted = least(model)
    for name in wanted:
        with pytest.raises(InvalidInput) as caught:
            check_inputs(model, {other: of for other, of in wanted.items() if other != name})
        told = caught.value.details["details"]
        assert name in {fault["field"] for fault in told}
