"""Routes: which edge function makes a model, by the documented table, in its order."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from showreel_client.errors import ErrorCode, GenerationError

AUDIO_MODELS = frozenset({"elevenlabs-tts", "elevenlabs-sfx", "elevenlabs-music"})
GMI_PROVIDER = "gmi-cloud"
FAL_PROVIDER = "fal-ai"
EDGE_FUNCTION = "_edgeFunction"
_FUNCTION_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?")


@dataclass(frozen=True)
class Route:
    """An edge function with the code of its failures, `error_code`."""

    name: str
    function: str
    error_code: ErrorCode


GMI = Route("gmi-cloud", "gmi-execute", "gmi_error")
GROQ = Route("groq-text", "groq-chat", "groq_error")
GEMINI = Route("gemini-text", "gemini-text-generation", "text_error")
FAL = Route("fal-stream", "fal-stream", "stream_error")
PREFIXES = (
    ("gmi/", GMI),
    ("groq/", GROQ),
    ("llama-", GROQ),
    ("google/gemini-", GEMINI),
    ("openai/gpt-", GEMINI),
)


def route_of(model: str, parameters: Mapping[str, Any], provider: str | None = None) -> Route:
    """Returns the route of a model; `provider` is the catalogue's, if it was looked up.

    Raises GenerationError `unknown_route`.
    """
    found = _by_name(model, parameters) if provider != GMI_PROVIDER else _of_gmi(model)
    if found is None and provider == FAL_PROVIDER:
        found = FAL
    if found is None:
        raise GenerationError(f"No route makes the model {model[:200]!r}", "unknown_route")
    return found


def needs_provider(model: str, parameters: Mapping[str, Any]) -> bool:
    """Returns whether the catalogue is needed: no id, prefix or parameter decides."""
    return _by_name(model, parameters) is None


def may_make_text(model: str, parameters: Mapping[str, Any]) -> bool:
    """Returns False for a route that makes other media than text."""
    return _by_name(model, parameters) in {GEMINI, GROQ, GMI, None}


def _of_gmi(model: str) -> Route:
    return _audio(model) if model in AUDIO_MODELS else GMI


def _audio(model: str) -> Route:
    return Route(model, model, "audio_error")


def _by_name(model: str, parameters: Mapping[str, Any]) -> Route | None:
    if model in AUDIO_MODELS:
        return _audio(model)
    for prefix, route in PREFIXES:
        if model.startswith(prefix):
            return route
    if parameters.get(EDGE_FUNCTION):
        return _edge_function(parameters[EDGE_FUNCTION])
    return FAL if model.startswith("fal-ai/") else None


def _edge_function(name: Any) -> Route:
    if not isinstance(name, str) or not _FUNCTION_NAME.fullmatch(name):
        raise GenerationError("_edgeFunction is not the name of a function", "unknown_route")
    return Route("edge-function", name, "edge_function_error")
