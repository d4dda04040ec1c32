"""Looks models up. The file is read once per process, an operator's bindings every 5 minutes.

A process needs few of the models: each is validated when it is first looked up. Tests check the
whole file, with `tools.catalogue`.
"""

import functools
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from showreel.catalog.fields import Form
from showreel.catalog.models import Binding, Economics, MediaType, Model, Product
from showreel.catalog.operator import overrides
from showreel.core.errors import InvalidInput

FILE = Path(__file__).with_name("models.json")
MAX_HINTS = 5
Offered = Callable[[Mapping[str, Any]], bool]
"""Returns whether a caller may use the entry at this endpoint."""


@functools.cache
def _file() -> dict[str, Any]:
    facts: dict[str, Any] = json.loads(FILE.read_bytes())
    return facts


@functools.cache
def _entries() -> dict[str, dict[str, Any]]:
    return {entry["id"]: entry for entry in _file()["models"]}


@functools.cache
def _model(model_id: str) -> Model:
    return Model.model_validate(_entries()[model_id])


@functools.cache
def _form(name: str) -> Form:
    return Form.model_validate(_file()["forms"][name])


def find_model(model_id: str) -> Model | None:
    """Returns the model of a public id, or None."""
    return _model(model_id) if model_id in _entries() else None


def get_model(model_id: str, offered: Offered = lambda _: True, *, field: str = "model") -> Model:
    """Returns the model. Raises InvalidInput `unknown_model` about the caller's `field`, with the
    most similar ids of `offered` models.
    """
    model = find_model(model_id)
    if model is None:
        raise _unknown(model_id, offered, field)
    return model


def _unknown(model_id: str, offered: Offered, field: str) -> InvalidInput:
    from difflib import get_close_matches

    entries = _entries().values()
    living = [entry["id"] for entry in entries if not _is_retired(entry) and offered(entry)]
    like = get_close_matches(model_id[:100], living, MAX_HINTS, cutoff=0.4) or living[:MAX_HINTS]
    message = f"Unknown model. model-catalog lists all; like it: {', '.join(like)}"
    return InvalidInput(message, code="unknown_model", field=field)


def get_form(model: Model) -> Form:
    """Returns the fields that a request for the model may have."""
    return _form(model.form)


def list_ids(
    media_type: MediaType | None = None,
    workflow_type: str | None = None,
    provider: str | None = None,
    *,
    include_retired: bool = False,
) -> list[str]:
    """Lists the ids of models in the file's order, without checking the models."""
    wanted = {"media_type": media_type, "workflow_type": workflow_type, "provider": provider}
    return [
        model_id
        for model_id, entry in _entries().items()
        if (include_retired or not _is_retired(entry))
        and all(value in (None, entry[name]) for name, value in wanted.items())
    ]


def _is_retired(entry: dict[str, Any]) -> bool:
    status: str = entry.get("lifecycle", {}).get("status", "active")
    return status == "retired"


def default_models(workflow_type: str) -> list[Model]:
    """Lists the workflow's default models, which replace unsuitable ones, best first."""
    return [_model(model_id) for model_id in _file()["defaults"].get(workflow_type, ())]


@functools.cache
def default_ids() -> frozenset[str]:
    """Returns the ids of the default models of all workflows."""
    return frozenset(model_id for ids in _file()["defaults"].values() for model_id in ids)


@functools.cache
def get_product(name: str) -> Product:
    """Returns what an endpoint sells. Raises KeyError: code names products, callers never do."""
    return Product.model_validate(_file()["products"][name])


def replacement(model: Model) -> Model | None:
    """Returns a switched-off model's first successor that is another model upstream, or None."""
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
    """Returns the model's binding: the operator's if there is one, else the catalogue's.

    Raises what `overrides` raises.
    """
    return overrides().bindings.get(model.id, model.binding)


@functools.cache
def economics() -> Economics:
    """Returns the floor under prices."""
    return Economics.model_validate(_file()["economics"])
