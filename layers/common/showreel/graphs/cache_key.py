"""Computes the key under which a node's output is cached: equal for the same work on equal inputs.

    sha256 of canonical JSON of: format, kind, executor version, operation, model, settings, texts,
                                 what each medium that comes in is

A medium is identified by the hash of its content, if known, else by its object's key, which is
never written twice. So a node that was made again with another result changes the keys below it.
Seeds are in the settings. A node's position, label and time-out are not in the key.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from showreel.graphs.kinds import EXECUTOR_VERSIONS
from showreel.graphs.models import Artifact, Step
from showreel.graphs.templates import fill

FORMAT = 1


@dataclass(frozen=True)
class Resolved:
    """The resolved inputs of a step: whole texts by handle or field, media by handle."""

    texts: Mapping[str, str] = field(default_factory=dict)
    media: Mapping[str, tuple[Artifact, ...]] = field(default_factory=dict)


def resolve(step: Step, outputs: Mapping[str, Sequence[Artifact]]) -> Resolved:
    """Returns the inputs of a step, from its parents' `outputs`. Edges into one handle make a list
    in their order. Raises InvalidInput `text_too_long`, KeyError for a parent without output.
    """
    given = {
        handle: tuple(one for part in inputs for one in _artifacts(part.node_id, part, outputs))
        for handle, inputs in step.inputs.items()
    }
    words = {
        handle: [one.text for one in every if one.text is not None]
        for handle, every in given.items()
    }
    texts = {name: fill(parts, words) for name, parts in step.texts.items()}
    named = {part.handle for parts in step.texts.values() for part in parts}
    media = {handle: every for handle, every in given.items() if handle not in named}
    return Resolved(texts, media)


def _artifacts(
    node_id: str | None, written: Any, outputs: Mapping[str, Sequence[Artifact]]
) -> Sequence[Artifact]:
    if node_id is None:
        return (Artifact(type=written.type, url=written.url),)
    return outputs[node_id]


def cache_key(step: Step, inputs: Resolved) -> str:
    """Returns the cache key, 64 hexadecimal digits."""
    parts = {
        "format": FORMAT,
        "kind": step.kind,
        "executor": EXECUTOR_VERSIONS[step.kind],
        "operation": step.operation,
        "model": step.model_id,
        "settings": step.settings,
        "texts": dict(inputs.texts),
        "media": {
            handle: [identity(one) for one in every] for handle, every in inputs.media.items()
        },
    }
    return hashlib.sha256(canonical(parts).encode()).hexdigest()


def identity(artifact: Artifact) -> list[str]:
    """Returns what identifies an artifact: its text, digest, key or URL."""
    if artifact.text is not None:
        return ["text", artifact.text]
    if artifact.digest is not None:
        return [artifact.type, "digest", artifact.digest]
    if artifact.key is not None:
        return [artifact.type, "key", artifact.key]
    return [artifact.type, "url", artifact.url or ""]


def canonical(value: Any) -> str:
    """Returns JSON that is equal for equal values: names sorted, whole numbers without a point.
    Raises ValueError for NaN and infinities.
    """
    return json.dumps(
        _plain(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )


def _plain(value: Any) -> Any:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, Mapping):
        return {str(name): _plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return value
