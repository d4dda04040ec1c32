"""What is ordered from ElevenLabs, checked as the vendor does: shapes first, then what they mean.

Shapes are those of the vendor's SDK 2.78; ranges are of its pages. An effect without a length gets
one that fits its text, music without one gets half a minute.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from local.simulators.sounds import SoundKind, SoundOrder
from local.simulators.vendors.elevenlabs.errors import Invalid, Refused
from local.simulators.vendors.elevenlabs.models import (
    FORMATS,
    MODELS,
    MUSIC_FORMATS,
    SWITCHED_OFF,
    USUAL_MODELS,
    VOICES,
    Family,
    Model,
    best_format,
)

CHARACTERS_PER_SECOND = 15
_SHORTEST_SPEECH_SECONDS = 0.5
_EFFECT_SECONDS = (0.5, 30.0)
_GUESSED_EFFECT_SECONDS = (1.0, 10.0)
_MUSIC_MS = (3_000, 600_000)
_USUAL_MUSIC_MS = 30_000
_USUAL_FORMAT = "mp3_44100_128"
_SETTINGS = {
    "stability": (0.0, 1.0),
    "similarity_boost": (0.0, 1.0),
    "style": (0.0, 1.0),
    "speed": (0.7, 1.2),
}


@dataclass(frozen=True)
class Order:
    """One file that a customer wants, and what it costs in credits."""

    family: Family
    model: str
    text: str
    sound: SoundOrder
    credits: int


def text_of(body: object) -> str:
    """Returns the text of an order that may be no good."""
    fields = body if isinstance(body, dict) else {}
    return next((fields[name] for name in ("text", "prompt") if _is_text(fields.get(name))), "")


def read_speech(
    body: object, query: Mapping[str, str], voice_id: str, gone: list[str] | None
) -> Order:
    """Returns what is to be spoken. Raises Invalid or Refused."""
    fields = _object(body)
    text = _text(fields, "text")
    speed = _voice_settings(fields)
    output = _format(query, FORMATS, _USUAL_FORMAT)
    model_id, model = _model(fields, "speech", gone)
    if not text.strip():
        raise Refused("no_text")
    _check_length(text, model)
    if voice_id not in VOICES:
        raise Refused("no_voice", f"A voice with voice_id '{voice_id}' was not found.")
    seconds = max(len(text) / CHARACTERS_PER_SECOND / speed, _SHORTEST_SPEECH_SECONDS)
    sound = _sound("speech", seconds, voice_id, output)
    return Order("speech", model_id, text, sound, int(len(text) * model.credits_each) or 1)


def read_effect(body: object, query: Mapping[str, str], gone: list[str] | None) -> Order:
    """Returns what is to be heard. Raises Invalid or Refused."""
    fields = _object(body)
    text = _text(fields, "text")
    asked = _number(fields, "duration_seconds")
    influence = _number(fields, "prompt_influence")
    output = _format(query, FORMATS, _USUAL_FORMAT)
    model_id, model = _model(fields, "effect", gone)
    if not text.strip():
        raise Refused("no_text")
    _check_length(text, model)
    _check_range("generation", "duration_seconds", asked, _EFFECT_SECONDS)
    _check_range("generation", "prompt_influence", influence, (0, 1))
    seconds = _guessed_seconds(text) if asked is None else asked
    sound = _sound("effect", seconds, text, output)
    return Order("effect", model_id, text, sound, round(seconds * model.credits_each))


def read_music(body: object, query: Mapping[str, str], gone: list[str] | None) -> Order:
    """Returns what is to be played: from a prompt, not from a composition plan. Raises as the
    others do.
    """
    fields = _object(body)
    text = _text(fields, "prompt")
    if fields.get("seed") is not None:
        raise Invalid(("body",), "value_error", "Value error, seed can't be used with prompt")
    length_ms = _length_ms(fields)
    model_id, model = _model(fields, "music", gone)
    output = _format(query, MUSIC_FORMATS, "auto")
    _check_length(text, model)
    seconds = length_ms / 1000
    sound = _sound("music", seconds, text, best_format(model_id) if output == "auto" else output)
    return Order("music", model_id, text, sound, round(seconds * model.credits_each))


def _sound(kind: SoundKind, seconds: float, character: str, output: str) -> SoundOrder:
    _, sample_rate, kilobits = output.split("_")
    return SoundOrder(kind, seconds, character, int(sample_rate), int(kilobits))


def _object(body: object) -> dict[str, Any]:
    if not isinstance(body, dict):
        raise Invalid(("body",), "json_invalid", "JSON decode error")
    return body


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _text(fields: dict[str, Any], name: str) -> str:
    value = fields.get(name)
    if value is None:
        raise Invalid(("body", name), "missing", "Field required")
    if not isinstance(value, str):
        raise Invalid(("body", name), "string_type", "Input should be a valid string", value)
    return value


def _number(fields: dict[str, Any], name: str) -> float | None:
    value = fields.get(name)
    if value is None:
        return None
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise Invalid(("body", name), "float_type", "Input should be a valid number", value)
    return float(value)


def _length_ms(fields: dict[str, Any]) -> int:
    place = ("body", "music_length_ms")
    value = fields.get("music_length_ms")
    least, most = _MUSIC_MS
    if value is None:
        return _USUAL_MUSIC_MS
    if not isinstance(value, int) or isinstance(value, bool):
        raise Invalid(place, "int_type", "Input should be a valid integer", value)
    if value < least:
        text = f"Input should be greater than or equal to {least}"
        raise Invalid(place, "greater_than_equal", text, value)
    if value > most:
        raise Invalid(
            place, "less_than_equal", f"Input should be less than or equal to {most}", value
        )
    return value


def _voice_settings(fields: dict[str, Any]) -> float:
    """Checks them; the speed is what they change here."""
    settings = fields.get("voice_settings")
    if settings is None:
        return 1.0
    if not isinstance(settings, dict):
        raise Invalid(
            ("body", "voice_settings"), "model_type", "Input should be an object", settings
        )
    for name, bounds in _SETTINGS.items():
        _check_range("settings", name, _number(settings, name), bounds)
    return _number(settings, "speed") or 1.0


def _format(query: Mapping[str, str], known: frozenset[str], usual: str) -> str:
    output = query.get("output_format", usual)
    if output not in known:
        names = ", ".join(f"'{name}'" for name in sorted(known))
        raise Invalid(("query", "output_format"), "enum", f"Input should be {names}", output)
    return output


def _model(fields: dict[str, Any], family: Family, gone: list[str] | None) -> tuple[str, Model]:
    model_id = _text({"model_id": USUAL_MODELS[family], **_without_nulls(fields)}, "model_id")
    model = MODELS.get(model_id)
    if model is None or model_id in (SWITCHED_OFF if gone is None else gone):
        raise Refused("model_gone")
    if model.family != family:
        raise Refused("wrong_model")
    return model_id, model


def _without_nulls(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}


def _check_length(text: str, model: Model) -> None:
    if len(text) > model.most_characters:
        limit = f"exceeds the character limit of {model.most_characters} characters"
        raise Refused("too_long", f"This request's text has {len(text)} characters and {limit}.")


def _check_range(kind: str, name: str, value: float | None, bounds: tuple[float, float]) -> None:
    if value is not None and not bounds[0] <= value <= bounds[1]:
        raise Refused(kind, f"Invalid {name}, must be between {bounds[0]} and {bounds[1]}.")


def _guessed_seconds(text: str) -> float:
    least, most = _GUESSED_EFFECT_SECONDS
    return min(max(len(text) / CHARACTERS_PER_SECOND, least), most)
