"""Checks a caller's inputs by a model's form, and makes of them what is sent to the vendor.

Unknown fields are ignored and never sent. URLs are still the caller's own: whoever starts the job
copies the files to our bucket and puts in the copies' URLs.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from showreel.catalog.catalogue import get_form
from showreel.catalog.fields import FieldRole, FormField
from showreel.catalog.models import Capabilities, Model
from showreel.catalog.paths import Path, copied, place, put
from showreel.catalog.pricing import default_duration, snap_duration
from showreel.catalog.values import (
    CheckedValue,
    Fault,
    InputMediaUrl,
    checked_value,
    is_missing,
    seconds_of,
)
from showreel.core.errors import InvalidInput

ALIASES: Mapping[FieldRole, tuple[str, ...]] = {
    "prompt": ("prompt", "text"),
    "duration": ("duration", "duration_seconds"),
    "aspect_ratio": ("aspect_ratio", "aspectRatio"),
    "count": ("num_images", "count"),
    "max_tokens": ("maxTokens", "max_tokens"),
    "image": ("image_url", "start_image_url", "image", "first_frame", "image_urls"),
    "end_image": ("end_image_url", "tail_image_url", "image_tail", "last_frame", "end_image"),
    "references": ("image_urls", "images", "reference_images", "image_url", "image"),
    "video": ("video_url", "video", "video_urls"),
    "audio": ("audio_url", "audio", "audio_urls"),
    "native_audio": ("generate_audio", "native_audio"),
}
"""The names that clients and vendors have for the same thing, the usual one first."""
AUTOMATIC = "auto"
"""A ratio that leaves the choice to the model, as not giving one does."""


@dataclass(frozen=True)
class CheckedInputs:
    """What a caller wants of a model. `inputs` is what the vendor is sent, under its own names."""

    inputs: dict[str, Any]
    prompt: str = ""
    duration_seconds: float | None = None
    """None for a model without lengths, and for one whose result is as long as its input."""
    aspect_ratio: str | None = None
    count: int = 1
    max_output_tokens: int | None = None
    native_audio: bool = False
    media: tuple[InputMediaUrl, ...] = ()
    """The URLs in `inputs`, and where they are."""

    def with_urls(self, copies: Mapping[str, str]) -> dict[str, Any]:
        """Returns the inputs with each URL replaced. Raises KeyError for one that has no copy."""
        inputs: dict[str, Any] = copied(self.inputs)
        for media in self.media:
            put(inputs, media.path, copies[media.url])
        return inputs


def check_inputs(model: Model, inputs: Mapping[str, Any]) -> CheckedInputs:
    """Checks all offered fields. Raises InvalidInput `invalid_input` with each field's fault."""
    form, faults = Filled(model), []
    for name, field in get_form(model).fields.items():
        if not is_offered(model, field):
            continue
        try:
            form.fill(name, field, form.take(name, field, inputs))
        except Fault as fault:
            faults.append({"field": name, "message": str(fault)})
    if faults:
        message = "; ".join(f"{fault['field']}: {fault['message']}" for fault in faults)
        raise InvalidInput(f"Invalid inputs: {message}", details={"details": faults})
    return form.checked()


def is_offered(model: Model, field: FormField) -> bool:
    """Returns whether the model can do what the field is for."""
    can, role = model.capabilities, field.role
    if role is None or role == "max_tokens":
        return True
    if role == "duration":
        chosen = can.duration_from == "request"
        return chosen and (can.duration_seconds is not None or field.maximum is not None)
    if role == "aspect_ratio":
        return bool(can.aspect_ratios)
    if role == "count":
        return can.max_images > 1
    return bool(getattr(can.inputs, role) != "none")


def is_required(model: Model, field: FormField) -> bool:
    """Returns whether a request without the field is refused."""
    if field.role is None:
        return field.required
    return bool(getattr(model.capabilities.inputs, field.role, "optional") == "required")


def _names(name: str, field: FormField) -> Iterator[str]:
    """Yields a field's names: its own, the vendor's if values are the same, its role's usual."""
    yield name
    if field.sends and not field.mapping:
        yield field.sends
    if field.role:
        yield from ALIASES[field.role]


class Filled:
    """A form being filled in."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._inputs: dict[str, Any] = {}
        self._media: dict[Path, InputMediaUrl] = {}
        self._values: dict[FieldRole, Any] = {}
        self._taken: set[str] = set()

    def take(self, name: str, field: FormField, inputs: Mapping[str, Any]) -> Any:
        """Returns the caller's value for a field, or None. No value is taken by two fields."""
        for one in _names(name, field):
            if one not in self._taken and not is_missing(inputs.get(one)):
                self._taken.add(one)
                return inputs[one]
        return None

    def fill(self, name: str, field: FormField, given: Any) -> None:
        """Checks and adds one field's value. Raises Fault."""
        if field.role == "aspect_ratio" and given == AUTOMATIC:
            given = None
        if given is None and is_required(self._model, field):
            raise Fault("is required")
        value = self._value(field, given)
        if value is None:
            return
        if field.role:
            self._values[field.role] = value.plain
        self._send(place(field.sends or name), value)

    def _value(self, field: FormField, given: Any) -> CheckedValue | None:
        """Returns the value within the model's bounds, the default if none is given, or None."""
        if field.role == "duration":
            return self._duration(field, given)
        given = field.default if given is None else given
        if given is None:
            return None
        value = checked_value(bounded(self._model.capabilities, field), given)
        if field.role == "aspect_ratio":
            _one_of(value.plain, self._model.capabilities.aspect_ratios)
        return value

    def _duration(self, field: FormField, given: Any) -> CheckedValue | None:
        if self._model.capabilities.duration_seconds is None:
            given = field.default if given is None else given
            return None if given is None else checked_value(field, given)
        wanted = default_duration(self._model) if given is None else seconds_of(given)
        return CheckedValue.of_seconds(field, snap_duration(self._model, wanted))

    def _send(self, path: Path, value: CheckedValue) -> None:
        put(self._inputs, path, value.sent)
        for media in value.media:
            where = path + media.path
            self._media[where] = InputMediaUrl(media.kind, media.url, where)

    def checked(self) -> CheckedInputs:
        """Returns what the filled form says."""
        values = self._values
        return CheckedInputs(
            inputs=self._inputs,
            prompt=values.get("prompt", ""),
            duration_seconds=values.get("duration", self._fixed_seconds()),
            aspect_ratio=values.get("aspect_ratio"),
            count=values.get("count", 1),
            max_output_tokens=values.get("max_tokens", self._model.capabilities.max_output_tokens),
            native_audio=values.get("native_audio", False),
            media=tuple(self._media.values()),
        )

    def _fixed_seconds(self) -> int | None:
        """Returns the length of a model whose form has no field for it; None without lengths."""
        can = self._model.capabilities
        if can.duration_seconds is None or can.duration_from != "request":
            return None
        return default_duration(self._model)


def bounded(can: Capabilities, field: FormField) -> FormField:
    """Returns the field with the model's bounds."""
    if field.role == "prompt" and can.max_prompt_chars:
        return field.model_copy(update={"max_length": can.max_prompt_chars})
    if field.role == "count":
        return field.model_copy(update={"minimum": 1, "maximum": can.max_images})
    if field.role == "references" and can.max_references:
        return field.model_copy(update={"max_items": can.max_references})
    if field.role == "max_tokens":
        return field.model_copy(update={"minimum": 1, "maximum": can.max_output_tokens})
    return field


def _one_of(value: Any, valid: tuple[str, ...]) -> None:
    if value not in valid:
        raise Fault(f"must be one of {', '.join(valid)}")
