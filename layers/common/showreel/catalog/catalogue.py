"""Looks models up. The file is read once per process, an operator's bindings every 5 minutes."""

import functools
import json
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from showreel.catalog.models import Binding, CatalogueFile, MediaType, Model, Product
from showreel.core.errors import InvalidInput, ProviderError
from showreel.core.secrets import parameter
from showreel.core.settings import ModelBindings, settings

FILE = Path(__file__).with_name("models.json")


@functools.cache
def catalogue_file() -> CatalogueFile:
    """The whole file, validated."""
    return CatalogueFile.model_validate_json(FILE.read_bytes())


@functools.cache
def _models() -> dict[str, Model]:
    return {model.id: model for model in catalogue_file().models}


def find_model(model_id: str) -> Model | None:
    """The model of a public id, or None."""
    return _models().get(model_id)


def get_model(model_id: str) -> Model:
    """The model of a public id. Raises InvalidInput `unknown_model`, naming the valid ones."""
    model = find_model(model_id)
    if model is None:
        valid = ", ".join(sorted(_models()))
        raise InvalidInput(f"Unknown model. Valid models: {valid}", code="unknown_model")
    return model


def list_models(
    media_type: MediaType | None = None, *, include_retired: bool = False
) -> list[Model]:
    """Models in the file's order."""
    return [
        model
        for model in _models().values()
        if media_type in (None, model.media_type)
        and (include_retired or model.lifecycle.status != "retired")
    ]


def get_product(name: str) -> Product:
    """What an endpoint sells. Raises KeyError: products are named by code, not by callers."""
    return catalogue_file().products[name]


def replacement(model: Model) -> Model | None:
    """The model that follows one whose vendor switched it off, if there is one: the first down the
    line that isn't made by the same thing upstream.
    """
    gone, seen, heir = bind(model), {model.id}, _heir(model)
    while heir is not None and heir.id not in seen:
        if _upstream(bind(heir)) != _upstream(gone):
            return heir
        seen.add(heir.id)
        heir = _heir(heir)
    return None


def _heir(model: Model) -> Model | None:
    return find_model(model.lifecycle.replaced_by) if model.lifecycle.replaced_by else None


def _upstream(binding: Binding) -> tuple[str, str]:
    return binding.provider, binding.upstream


def bind(model: Model) -> Binding:
    """Who makes the model now: the operator's binding if there is one, else the catalogue's.

    The operator's are a JSON object from public id to binding in an SSM parameter.
    """
    return _overrides().get(model.id, model.binding)


def _overrides() -> dict[str, Binding]:
    name = settings(ModelBindings).model_bindings_parameter
    if not name:
        return {}
    try:
        return TypeAdapter(dict[str, Binding]).validate_python(json.loads(parameter(name)))
    except (ValueError, ValidationError) as error:
        raise ProviderError("the configured model bindings are not valid") from error
