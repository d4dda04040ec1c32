"""The catalogue as callers see it: filters, pages and the public form of entries."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from pydantic.alias_generators import to_camel

from showreel.catalog.catalogue import default_ids, get_model, list_ids
from showreel.catalog.models import MediaType, Model
from showreel.catalog.pricing import credits_of
from showreel.edge.paging import decode_cursor, encode_cursor, refuse_cursor

LIMITS = ("max_prompt_chars", "max_images", "max_references", "max_output_tokens", "context_tokens")


@dataclass(frozen=True)
class Query:
    """Which models are wanted. `cursor` is where the page before ended; no limit means all."""

    media_type: MediaType | None = None
    workflow_type: str | None = None
    provider: str | None = None
    search: str | None = None
    limit: int | None = None
    cursor: str | None = None
    include_retired: bool = False


@dataclass(frozen=True)
class ModelPage:
    """Models, and the cursor of the page after them if there is one."""

    items: list[dict[str, Any]]
    next_cursor: str | None


def page(query: Query) -> ModelPage:
    """Returns a page of the catalogue. Raises InvalidInput `invalid_cursor`."""
    ids = list_ids(
        query.media_type,
        query.workflow_type,
        query.provider,
        include_retired=query.include_retired,
    )
    found = _after(query, [model for model in map(get_model, ids) if _matches(model, query)])
    shown = found if query.limit is None else found[: query.limit]
    is_more = len(shown) < len(found) and bool(shown)
    following = encode_cursor(_list_key(query), [shown[-1].id]) if is_more else None
    return ModelPage([public(model) for model in shown], following)


def _matches(model: Model, query: Query) -> bool:
    """Returns whether the entry's id, name, provider or description has each word of the search."""
    words = (query.search or "").lower().split()
    text = f"{model.id} {model.name} {model.provider} {model.description}".lower()
    return all(word in text for word in words)


def _list_key(query: Query) -> str:
    """Returns the name of the list that a cursor is bound to; the page length isn't part of it."""
    return f"models {replace(query, limit=None, cursor=None)}"


def _after(query: Query, models: list[Model]) -> list[Model]:
    place = decode_cursor(_list_key(query), query.cursor, 1)
    if place is None:
        return models
    ids = [model.id for model in models]
    if place[0] not in ids:
        refuse_cursor(query.cursor)
    return models[ids.index(place[0]) + 1 :]


def public(model: Model) -> dict[str, Any]:
    """Returns an entry as callers see it: the six documented fields and ours."""
    can, life = model.capabilities, model.lifecycle
    has_sound = can.inputs.native_audio != "none"
    return {
        "id": model.id,
        "name": model.name,
        "provider": model.provider,
        "credits": credits_of(model),
        "mediaType": model.media_type,
        "workflowType": model.workflow_type,
        "description": model.description,
        "aspectRatios": list(can.aspect_ratios),
        "durations": list(can.duration_seconds.choices()) if can.duration_seconds else [],
        "inputs": {to_camel(name): presence for name, presence in can.inputs},
        "limits": {to_camel(name): getattr(can, name) for name in LIMITS},
        "lifecycle": {
            "status": life.status,
            "deprecatedOn": _written(life.deprecated_on),
            "retiredOn": _written(life.retired_on),
        },
        "replacedBy": life.replaced_by,
        "isDefault": model.id in default_ids(),
        "pricing": {
            "unit": model.pricing.unit,
            "units": model.pricing.units,
            "credits": credits_of(model),
            "creditsNativeAudio": credits_of(model, native_audio=True) if has_sound else None,
        },
    }


def _written(day: date | None) -> str | None:
    return day.isoformat() if day else None
