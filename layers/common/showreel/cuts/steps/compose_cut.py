"""The step ComposeCut: fal renders the picture of a finished film, which keeps our sound.

    [note: sent] → create → [note: the task] → poll, poll … → fetched, checked, in place of ours

If anything fails, our own film stays and the run notes why. A create is never sent twice: if it was
sent and no task is noted, its outcome is unknown, and fal is given up.
"""

from pathlib import Path
from typing import Any

from pydantic import BaseModel

from showreel.assembly.workfiles import workdir
from showreel.assets.service import copy_result, storage
from showreel.catalog import bind, get_model
from showreel.core.clock import now_seconds
from showreel.core.errors import Conflict, InvalidInput, NotFound, ProviderError, Transient
from showreel.core.ids import new_id
from showreel.core.models import FrozenModel
from showreel.core.observability import count, logger
from showreel.core.settings import Providers, settings
from showreel.cuts import context, progress
from showreel.cuts.exports import BUCKET, ExportPlan
from showreel.cuts.remote import MODEL, inputs
from showreel.generation.steps.submit import require_switched_on
from showreel.providers.base import (
    Failed,
    PollResult,
    Provider,
    SubmitRequest,
    Succeeded,
    VendorTask,
)
from showreel.providers.circuits import circuits
from showreel.providers.registry import get_provider
from showreel.runs.models import Run

FIRST_SECONDS, SECONDS_A_SECOND, MOST_SECONDS = 180, 2, 900
"""fal's time limit: so many seconds, and so many more for each second of film, up to a maximum."""
INPUT_URL_SECONDS = 3600
DOWNLOAD_SECONDS, MAX_BYTES = 120.0, 2 * 1024**3
SHORTEST_WAIT, LONGEST_WAIT = 2, 15
RESERVE_SECONDS = 700
"""The least that must be left of the export's own time when fal is given up: more than this step
takes.
"""


class Composing(BaseModel):
    """The step's result: after how many seconds to look again, 0 for never."""

    wait_seconds: int


class Remote(FrozenModel):
    """The state of fal's rendering, stored on the run."""

    attempt: str
    sent_at: int
    task: tuple[str, str] | None = None
    """The vendor's id and handle."""
    etag: str | None = None
    """The ETag of the film with fal's picture, once that is stored. A repeated compile replaces it
    with ours.
    """


def compose_cut(run_id: str) -> Composing:
    """Takes the rendering one step further. Raises Conflict `run_over`, Transient."""
    run = context.runs().get(run_id)
    if run.is_over or run.cancel_requested:
        raise Conflict("The run is over", code="run_over")
    plan, found = context.exports().plan(run_id), _remote(run)
    if run.state.get("fallback_reason") or (found and _is_in_place(plan, found)):
        return Composing(wait_seconds=0)
    try:
        return _advance(run, plan, found)
    except ProviderError as error:
        return _give_up(run_id, error.code)


def _advance(run: Run, plan: ExportPlan, found: Remote | None) -> Composing:
    """Takes the next step. Raises ProviderError for what can't be retried."""
    binding = bind(get_model(MODEL))
    provider = get_provider(binding.provider)
    if found is None:
        require_switched_on(binding.provider)
        return _send(plan, binding.provider, binding.upstream, provider)
    if found.task is None:
        return _give_up(plan.job_id, "submit_unknown")
    result = _ask(binding.provider, provider, VendorTask(*found.task))
    if isinstance(result, Failed):
        return _give_up(run.id, result.error.code)
    if isinstance(result, Succeeded) and _bring_home(plan, found, provider, result):
        return Composing(wait_seconds=0)
    return _wait(run, plan, found, provider)


def _send(plan: ExportPlan, vendor: str, upstream: str, provider: Provider) -> Composing:
    if circuits().pause(vendor, "submit"):
        return _give_up(plan.job_id, "provider_unavailable")
    pieces = context.exports().pieces(plan.job_id)
    request = SubmitRequest(
        external_id=plan.job_id,
        upstream=upstream,
        parameters={},
        prompt="",
        duration_seconds=0,
        inputs=inputs(plan.cut, pieces, _signed),
    )
    sent = Remote(attempt=new_id(), sent_at=now_seconds())
    noted = _remote(_note(plan.job_id, sent, only_if_new=True))
    if noted is None or noted.attempt != sent.attempt:
        return Composing(wait_seconds=SHORTEST_WAIT)
    with circuits().watched(vendor, "submit"):
        task = provider.submit(request)
    _note(plan.job_id, sent.model_copy(update={"task": (task.task_id, task.handle)}))
    progress.composing(plan.job_id)
    return Composing(wait_seconds=SHORTEST_WAIT)


def _signed(key: str) -> str:
    return storage().signed_get(key, expires_seconds=INPUT_URL_SECONDS)


def _ask(vendor: str, provider: Provider, task: VendorTask) -> PollResult | None:
    """Returns the poll's result, None if the vendor doesn't answer: that decides nothing."""
    if circuits().pause(vendor, "poll"):
        return None
    try:
        with circuits().watched(vendor, "poll"):
            return provider.poll(task)
    except ProviderError as error:
        logger().warning("a poll failed", error=type(error).__name__)
        return None


def _wait(run: Run, plan: ExportPlan, found: Remote, provider: Provider) -> Composing:
    """Returns how long to wait; gives up when fal's time or the export's is over."""
    now, allowed = now_seconds(), FIRST_SECONDS + SECONDS_A_SECOND * plan.cut.seconds
    until = found.sent_at + min(MOST_SECONDS, allowed)
    if run.deadline_at is not None:
        until = min(until, run.deadline_at - RESERVE_SECONDS)
    if now < until:
        passed = now - found.sent_at
        return Composing(wait_seconds=min(LONGEST_WAIT, max(SHORTEST_WAIT, passed // 4)))
    _stop(provider, VendorTask(*(found.task or ("", ""))))
    return _give_up(run.id, "provider_timeout")


def _stop(provider: Provider, task: VendorTask) -> None:
    try:
        provider.cancel(task)
    except ProviderError as error:
        logger().warning("a cancel failed", error=type(error).__name__)


def _bring_home(plan: ExportPlan, found: Remote, provider: Provider, result: Succeeded) -> bool:
    """Puts the delivered picture into the film. Returns False if it can't be fetched now."""
    from showreel.media.repicture import repicture

    film_key = plan.files.keys(BUCKET).film_key
    with workdir() as directory:
        film, picture, made = (directory / name for name in ("ours.mp4", "theirs.mp4", "film.mp4"))
        try:
            _fetch(provider, result, picture)
            storage().get_file(film_key, film)
            repicture(picture, film, made, plan.cut.profile, plan.cut.frames)
        except (NotFound, Transient):
            return False
        except InvalidInput as error:
            logger().warning("a delivered film can't be used", code=error.code)
            _give_up(plan.job_id, "bad_delivery")
            return True
        storage().put_file(film_key, made, "video/mp4")
    _note(plan.job_id, found.model_copy(update={"etag": storage().head(film_key).etag}))
    return True


def _is_in_place(plan: ExportPlan, found: Remote) -> bool:
    etag = found.etag
    return etag is not None and storage().head(plan.files.keys(BUCKET).film_key).etag == etag


def _fetch(provider: Provider, result: Succeeded, path: Path) -> None:
    """Downloads the result to a file, only from the vendor's own hosts."""
    if not result.urls:
        raise InvalidInput("The result has no file", code="bad_delivery")
    exempt = settings(Providers).result_origins.replace(" ", "").split(",")
    copy_result(
        result.urls[0],
        path,
        headers=result.headers,
        allowed_hosts=provider.result_hosts,
        exempt_origins=[origin for origin in exempt if origin],
        max_bytes=MAX_BYTES,
        total_seconds=DOWNLOAD_SECONDS,
    )


def _give_up(run_id: str, reason: str) -> Composing:
    """Notes on the run why our own film stays."""
    count("CutFallback", reason=reason)
    reasoned = {"fallback_reason": reason}
    context.runs().change(run_id, lambda run: {"state": {**run.state, **reasoned}})
    return Composing(wait_seconds=0)


def _remote(run: Run) -> Remote | None:
    noted = run.state.get("remote")
    return None if noted is None else Remote.model_validate(noted)


def _note(run_id: str, remote: Remote, *, only_if_new: bool = False) -> Run:
    def change(run: Run) -> dict[str, Any] | None:
        if only_if_new and "remote" in run.state:
            return None
        return {"state": {**run.state, "remote": remote.model_dump(mode="json")}}

    return context.runs().change(run_id, change)
