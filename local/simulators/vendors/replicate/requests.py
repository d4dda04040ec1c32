"""A create on Replicate's wire: its body, its headers and the model it is for."""

import re
from collections.abc import Container
from dataclasses import dataclass

from werkzeug.wrappers import Request

from local.simulators.vendors.replicate.errors import ReplicateError, invalid, unknown_version
from local.simulators.vendors.replicate.models import BY_VERSION, MODELS, Model

_EVENTS = frozenset({"start", "output", "logs", "completed"})
_USUAL_EVENTS = ("output", "logs", "completed")
_FIELDS = frozenset({"input", "stream", "webhook", "webhook_completed", "webhook_events_filter"})
_LONGEST_WAIT_SECONDS = 60
_PREFER = re.compile(r"wait(?:=(\d{1,3}))?")
_DURATION = re.compile(r"(?:(\d+)h)?(?:(\d+)m)?(?:(\d+(?:\.\d+)?)s?)?")


@dataclass(frozen=True)
class Create:
    """What a customer asks for; `version` is the word that the prediction shows for it."""

    model: Model
    version: str
    input: dict[str, object]
    webhook: str | None
    events: tuple[str, ...]


def read_create(request: Request, model_name: str | None, gone: Container[str]) -> Create:
    """Returns the body of a create, for a model named in the path or a version in the
    body.

    Raises ReplicateError.
    """
    body = request.get_json(force=True, silent=True)
    if not isinstance(body, dict):
        raise invalid([("invalid_type", "", "Invalid type. Expected: object, given: other")])
    _check_fields(body, has_version=model_name is None)
    model = _named(model_name) if model_name is not None else _versioned(body["version"])
    if model.name in gone:
        raise ReplicateError(404)
    webhook = body.get("webhook") or body.get("webhook_completed")
    is_official = model_name is not None or body["version"] == model.name
    version = "hidden" if is_official else model.version
    return Create(model, version, body["input"], webhook, _events(body))


def wait_seconds(request: Request) -> float:
    """Returns how long the customer wants to wait for the end (`Prefer: wait=10`), 0 not at all."""
    found = _PREFER.fullmatch(request.headers.get("Prefer", ""))
    if found is None:
        return 0
    return min(int(found[1] or _LONGEST_WAIT_SECONDS), _LONGEST_WAIT_SECONDS)


def deadline_seconds(request: Request) -> float | None:
    """When to stop it (`Cancel-After: 1h30m45s`), counted from now; None is never.

    The vendor's least deadline of 5 seconds is not demanded, so that tests needn't wait for it.
    """
    text = request.headers.get("Cancel-After")
    found = _DURATION.fullmatch(text) if text else None
    if text and not found:
        raise invalid([("format", "Cancel-After", "Does not match format 'duration'")])
    if found is None:
        return None
    hours, minutes, seconds = (float(part or 0) for part in found.groups())
    return hours * 3600 + minutes * 60 + seconds


def _check_fields(body: dict[str, object], *, has_version: bool) -> None:
    needed = ["version", "input"] if has_version else ["input"]
    problems = [("required", "", f"{name} is required") for name in needed if name not in body]
    for name in sorted(body.keys() - _FIELDS - set(needed)):
        text = f"Additional property {name} is not allowed"
        problems.append(("additional_property_not_allowed", "", text))
    if not problems and not isinstance(body["input"], dict):
        problems.append(("invalid_type", "input", "Invalid type. Expected: object, given: other"))
    webhook = body.get("webhook")
    if webhook is not None and not str(webhook).startswith(("http://", "https://")):
        problems.append(("format", "webhook", "Does not match format 'uri'"))
    if problems:
        raise invalid(problems)


def _named(name: str) -> Model:
    if name not in MODELS:
        raise ReplicateError(404)
    return MODELS[name]


def _versioned(version: object) -> Model:
    """By `owner/name`, `owner/name:version` or the version alone."""
    name, _, pinned = str(version).rpartition(":")
    model = BY_VERSION.get(pinned) or MODELS.get(pinned)
    if model is None or name not in ("", model.name):
        raise unknown_version()
    return model


def _events(body: dict[str, object]) -> tuple[str, ...]:
    wanted = body.get("webhook_events_filter")
    if wanted is None:
        return _USUAL_EVENTS
    if not isinstance(wanted, list) or not _EVENTS.issuperset(map(str, wanted)):
        text = 'must be one of the following: "start", "output", "logs", "completed"'
        raise invalid([("enum", "webhook_events_filter", text)])
    return tuple(map(str, wanted))
