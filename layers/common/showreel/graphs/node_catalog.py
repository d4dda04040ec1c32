"""Makes the answer of `GET /functions/v1/node-catalog`: all that an editor of graphs needs.

The graph's JSON Schema, the kinds of nodes with their handles and parameters, FFmpeg's operations,
and the models of the catalogue with their handles, parameters and prices.
"""

import functools
import hashlib
from dataclasses import dataclass
from typing import Any

from showreel.catalog import Model, get_model, list_ids
from showreel.catalog.catalogue import default_models
from showreel.catalog.models import MediaType
from showreel.catalog.pricing import credits_of
from showreel.edge.api import dump_json
from showreel.graphs.building.media import OUTPUT, UPLOAD
from showreel.graphs.calls import HANDLES, SOUNDS, model_handles, output_of
from showreel.graphs.forms import COMMON, TEMPLATED, Schema, model_schema, object_schema
from showreel.graphs.handles import TYPES, Handle
from showreel.graphs.kinds import KINDS, MAKES, MEDIA_KINDS, is_run
from showreel.graphs.models import MAX_EDGES, MAX_NODES
from showreel.graphs.operations import MAIN, OUR_MODEL, Operation, operations
from showreel.graphs.schemas import GraphBody
from showreel.graphs.structure import MAX_GRAPH_BYTES, MAX_PARAMS_BYTES

DESCRIPTIONS = {
    "Text": "Words that a language model writes, or `text` as it stands",
    "Prompt": "Words as they stand, or written by a language model if one is named",
    "Image": "A picture from words, and from pictures if some come in",
    "ImageEdit": "A picture changed as words say",
    "Video": "A video from words, a first frame, pictures, a video or a sound",
    "Audio": "Speech, a sound or music from words",
    "Upload": "A file of the author's",
    "Transform": "An operation of FFmpeg",
    "Combine": "The same, joining what comes in if no operation is named",
    "Model": "Any model of the catalogue, by its id",
    "Gateway": "The usual model for a workflow, of one provider if it is named",
    "Output": "A result of the graph",
    "comment": "A note: it never runs",
}
COERCIONS = (
    ("text", "text", "its text, whatever the handle is called"),
    ("image", "video", "the first frame, in a Video node"),
    ("one", "list", "a list of one"),
    ("list", "one", "its first entry; texts become lines, in the order of the edges"),
)
WORD: Schema = {"type": "string"}


@dataclass(frozen=True)
class NodeCatalogDocument:
    """The catalogue as it is sent."""

    body: str
    etag: str


@functools.cache
def listing() -> NodeCatalogDocument:
    """Returns the catalogue, made once per process."""
    body = dump_json(node_catalog())
    digest = hashlib.sha256(body.encode()).hexdigest()
    return NodeCatalogDocument(body, f'"{digest[:32]}"')


def node_catalog() -> dict[str, Any]:
    """Returns the node catalogue."""
    return {
        "schema": GraphBody.model_json_schema(),
        "types": list(TYPES),
        "limits": {
            "nodes": MAX_NODES,
            "edges": MAX_EDGES,
            "params_bytes": MAX_PARAMS_BYTES,
            "graph_bytes": MAX_GRAPH_BYTES,
        },
        "coercions": [
            {"from": given, "into": taken, "becomes": becomes}
            for given, taken, becomes in COERCIONS
        ],
        "kinds": [_kind(kind) for kind in KINDS],
        "operations": [_operation(one) for one in operations().values()],
        "models": [_model(get_model(one)) for one in model_ids()],
    }


def _kind(kind: str) -> dict[str, Any]:
    return {
        "kind": kind,
        "description": DESCRIPTIONS[kind],
        "runs": is_run(kind),
        "inputs": [_handle(one) for one in _inputs(kind)],
        "output": {"type": MAKES.get(kind, "any")} if is_run(kind) else None,
        "parameters": object_schema(_parameters(kind) | (COMMON if is_run(kind) else {})),
        "operations": list(operations()) if kind in MEDIA_KINDS else [],
        "models": _models_of(kind),
    }


def _inputs(kind: str) -> tuple[Handle, ...]:
    """Returns the handles of a kind; none where they depend on the operation or model."""
    ends = {"Upload": (UPLOAD,), "Output": (OUTPUT,)}
    return HANDLES[kind] if kind in HANDLES else ends.get(kind, ())


def _parameters(kind: str) -> dict[str, Schema]:
    words = WORD | {"description": TEMPLATED}
    model = WORD | {"enum": _models_of(kind)}
    workflows = sorted({get_model(one).workflow_type for one in model_ids()})
    own: dict[str, dict[str, Schema]] = {
        "Text": {"text": words, "prompt": words, "model": model},
        "Prompt": {"prompt": words, "model": model},
        "Audio": {"prompt": words, "model": model, "operation": WORD | {"enum": list(SOUNDS)}},
        "Upload": {"url": WORD, "media_type": WORD | {"enum": list(UPLOAD.types)}},
        "Model": {"model": model},
        "Gateway": {"workflow": WORD | {"enum": workflows}, "provider": WORD},
        **{one: {"operation": WORD | {"enum": list(operations())}} for one in MEDIA_KINDS},
    }
    if kind in own:
        return own[kind]
    return {"prompt": words, "model": model} if kind in MAKES else {}


def model_ids(media_type: MediaType | None = None) -> list[str]:
    """Returns the models that a node may name; that of FFmpeg's operations isn't among them."""
    return [one for one in list_ids(media_type) if one != OUR_MODEL]


def _models_of(kind: str) -> list[str]:
    """Returns the models that a node of the kind may name, its default first."""
    if kind not in {*MAKES, "Model"}:
        return []
    ids = model_ids(MAKES.get(kind))
    usual = {"Text": "text-to-text", "Image": "text-to-image", "ImageEdit": "image-edit"}
    first = [one.id for one in default_models(usual.get(kind, "")) if one.id in ids][:1]
    return [*first, *(one for one in ids if one not in first)]


def _handle(handle: Handle) -> dict[str, Any]:
    return handle.model_dump(mode="json", exclude={"field"})


def _operation(operation: Operation) -> dict[str, Any]:
    main = next(one for one in operation.handles if one.name == MAIN)
    return {
        "operation": operation.name,
        "description": operation.description,
        "inputs": [_handle(one) for one in operation.handles],
        "output": {"type": operation.output or "any", "same_as": _same_as(operation, main)},
        "parameters": operation.schema,
        "credits": credits_of(get_model(OUR_MODEL)),
    }


def _same_as(operation: Operation, main: Handle) -> str | None:
    return None if operation.output else main.name


def _model(model: Model) -> dict[str, Any]:
    has_sound = model.capabilities.inputs.native_audio != "none"
    return {
        "id": model.id,
        "name": model.name,
        "provider": model.provider,
        "workflow_type": model.workflow_type,
        "inputs": [_handle(one) for one in model_handles(model)],
        "output": {"type": output_of(model)},
        "parameters": model_schema(model),
        "pricing": {
            "unit": model.pricing.unit,
            "units": model.pricing.units,
            "credits": credits_of(model),
            "credits_native_audio": credits_of(model, native_audio=True) if has_sound else None,
        },
    }
