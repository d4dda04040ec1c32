"""A generation from its input to its result: upgrade, route, work. Opens no socket."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from showreel_client import audio, edge, fal, gmi, text, upgrade
from showreel_client.budget import Budget, Limits, Surroundings
from showreel_client.catalogue import ROUTE as CATALOGUE_ROUTE
from showreel_client.catalogue import Catalogue, Model, Models
from showreel_client.effects import Conversation
from showreel_client.errors import GenerationError
from showreel_client.models import (
    GenerationInput,
    GenerationResult,
    GenerationResultMetadata,
    MediaType,
)
from showreel_client.outcome import Outcome
from showreel_client.references import given_media
from showreel_client.routes import FAL, GEMINI, GMI, GROQ, Route, needs_provider, route_of
from showreel_client.run import Run


@dataclass(frozen=True)
class Setting:
    """The settings of a client, which all its calls share."""

    base_url: str
    workspace_id: str | None
    limits: Limits
    surroundings: Surroundings
    catalogue: Catalogue

    def run(self, route: Route, request_id: str) -> Run:
        """Returns a new call."""
        return Run(self.base_url, route, Budget(self.limits, self.surroundings), request_id)


@dataclass(frozen=True)
class _Plan:
    """The model and route of a generation. `model` is the catalogue's entry, if it was read."""

    route: Route
    model_id: str
    reason: str | None
    media_type: MediaType
    model: Model | None
    wanted: GenerationInput


def generate(
    setting: Setting, wanted: GenerationInput, media_type: MediaType, request_id: str
) -> Conversation[GenerationResult]:
    """Generates; `media_type` is what the caller wants, `unknown` if only the model decides.

    Raises GenerationError, with the request's id and the job's if known.
    """
    run = setting.run(CATALOGUE_ROUTE, request_id)
    try:
        yield from run.meter.to(0, "Starting")
        plan = yield from _plan(setting, run, wanted, media_type)
        run.route = plan.route
        outcome = yield from _carry_out(setting, run, plan)
    except GenerationError as error:
        error.request_id, error.job_id = request_id, error.job_id or run.job_id
        raise
    result = _result(run, plan, outcome)
    yield from run.meter.finish()
    return result


def _plan(
    setting: Setting, run: Run, wanted: GenerationInput, media_type: MediaType
) -> Conversation[_Plan]:
    models = Models()
    if needs_provider(wanted.model, wanted.parameters):
        models = yield from setting.catalogue.read(run)
    known = models.get(wanted.model)
    route = route_of(wanted.model, wanted.parameters, known.provider if known else None)
    if _upgrade_needs_catalogue(route, wanted, media_type):
        models = yield from setting.catalogue.read(run)
    choice = _choice(route, wanted, media_type, models)
    model = models.get(choice.model)
    final = route if choice.model == wanted.model else _route_to(choice.model, wanted, model)
    kind = media_type if media_type != "unknown" else _media_type(final, choice.model, model)
    return _Plan(final, choice.model, choice.reason, kind, model, _adapted(wanted, choice, model))


def _route_to(model_id: str, wanted: GenerationInput, model: Model | None) -> Route:
    return route_of(model_id, wanted.parameters, model.provider if model else None)


def _upgrade_needs_catalogue(route: Route, wanted: GenerationInput, media_type: MediaType) -> bool:
    may_be_video = media_type in {"video", "unknown"} and route in {FAL, GMI}
    return may_be_video and upgrade.needs_catalogue(wanted.model, given_media(wanted))


def _choice(
    route: Route, wanted: GenerationInput, media_type: MediaType, models: Models
) -> upgrade.Choice:
    """Returns the model to ask. Only videos are upgraded, and never if the caller is `strict`."""
    model = models.get(wanted.model)
    kind = model.media_type if model else _media_type(route, wanted.model, None)
    is_video = "video" in {kind, media_type} and route in {FAL, GMI}
    if wanted.strict or not is_video:
        return upgrade.Choice(wanted.model)
    return upgrade.choose(wanted.model, given_media(wanted), models)


def _media_type(route: Route, model_id: str, model: Model | None) -> MediaType:
    if route in {GEMINI, GROQ}:
        return "text"
    if route.error_code == "audio_error":
        return "audio"
    if model is not None and model.media_type != "unknown":
        return model.media_type
    return "video" if upgrade.workflow_in(model_id) else "unknown"


def _adapted(
    wanted: GenerationInput, choice: upgrade.Choice, model: Model | None
) -> GenerationInput:
    """Drops an aspect ratio that an upgraded model lacks: its picture decides."""
    ratio = wanted.parameters.get("aspect_ratio")
    ratios = model.aspect_ratios if model and choice.reason else None
    if ratio is None or ratios is None or ratio in ratios:
        return wanted
    kept = {name: value for name, value in wanted.parameters.items() if name != "aspect_ratio"}
    return replace(wanted, parameters=kept)


def _carry_out(setting: Setting, run: Run, plan: _Plan) -> Conversation[Outcome]:
    wanted, model_id = plan.wanted, plan.model_id
    if plan.route is FAL:
        extra = _context(setting, wanted, snake_case=True)
        return (yield from fal.generate(run, wanted, model_id, plan.media_type, extra))
    extra = _context(setting, wanted, snake_case=False)
    if plan.route is GMI:
        return (yield from gmi.generate(run, wanted, model_id, extra))
    if plan.route in {GEMINI, GROQ}:
        return (yield from text.generate(run, wanted, model_id, extra))
    if plan.route.error_code == "audio_error":
        return (yield from audio.generate(run, wanted, extra))
    return (yield from edge.generate(run, wanted))


def _context(setting: Setting, wanted: GenerationInput, *, snake_case: bool) -> dict[str, Any]:
    """Returns the workspace, project and strictness, if the caller gave them."""
    fields = {
        "workspaceId": setting.workspace_id,
        "projectId": wanted.metadata.project_id,
        "strict": wanted.strict or None,
    }
    names = {"workspaceId": "workspace_id", "projectId": "project_id"}
    context = {name: value for name, value in fields.items() if value is not None}
    return {names.get(name, name) if snake_case else name: context[name] for name in context}


def _result(run: Run, plan: _Plan, outcome: Outcome) -> GenerationResult:
    """Returns the result; the stored file is the first of its URLs."""
    stored, about = outcome.storage_url, plan.wanted.metadata
    urls = tuple(dict.fromkeys([*([stored] if stored else []), *outcome.urls]))
    metadata = GenerationResultMetadata(
        generation_id=run.request_id,
        requested_model=plan.wanted.model,
        storage_url=stored,
        job_id=run.job_id,
        **_about_model(plan, outcome),
        credits=outcome.credits,
        duration_seconds=outcome.duration_seconds,
        raw=outcome.raw,
        width=outcome.width,
        height=outcome.height,
        source=about.source,
        entity_id=about.entity_id,
        custom=about.custom,
    )
    return GenerationResult(urls[0] if urls else "", metadata, "completed", urls)


def _about_model(plan: _Plan, outcome: Outcome) -> Mapping[str, Any]:
    """Returns the model that made it, with our own upgrade and the server's fallback."""
    reasons = [reason for reason in (plan.reason, outcome.fallback_reason) if reason]
    kind = outcome.media_type if plan.media_type == "unknown" else plan.media_type
    return {
        "resolved_model": outcome.resolved_model or plan.model_id,
        "fallback_used": plan.reason is not None or outcome.fallback_used,
        "fallback_reason": "; ".join(reasons) or None,
        "media_type": kind or "unknown",
    }
