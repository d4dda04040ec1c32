"""Begins runs for `POST /functions/v1/gen-shots`: the checks, then one transaction.

The hold, the run with its first event, its place in the queue, the shots with their numbers and the
claim of the request's id are written together or not at all: two calls at once get different
numbers without a gap, and an id never stands for two runs.
"""

import contextlib
from collections.abc import Mapping, Sequence

from showreel.core.clock import now_iso
from showreel.core.dynamo import Table, Write
from showreel.core.errors import Conflict, Transient
from showreel.core.ids import derived_id, digest_of, new_id
from showreel.core.settings import RunsTable, settings
from showreel.edge.limits import take_order
from showreel.identity import Caller
from showreel.runs.claims import Claim, Claims, Key
from showreel.runs.lifecycle import Lifecycle
from showreel.runs.models import BegunRun, Run, RunCredits
from showreel.storyboards.access import require_project, require_scene_of, storyboards
from showreel.storyboards.flags import flags
from showreel.storyboards.gen_shots.kind import LIMIT_SECONDS, SHOTS
from showreel.storyboards.gen_shots.prompts import MAX_IDEAS
from showreel.storyboards.gen_shots.schemas import GenShotsBody
from showreel.storyboards.gen_shots.slots import first_state
from showreel.storyboards.models import SceneRow, ShotRow
from showreel.storyboards.numbers import Numbers, add_write, shots_of
from showreel.storyboards.rows import shot_item
from showreel.storyboards.store import NEW

ATTEMPTS = 20
ROUTE = "gen-shots"


def begin(
    on: Lifecycle, caller: Caller, request: GenShotsBody, request_id: str, base_url: str
) -> BegunRun:
    """Begins a run that writes shots, or finds the one of the same request.

    Raises, in this order, Conflict `shot_stream_disabled`, NotFound for project and scene,
    IdempotencyMismatch, RateLimited, InvalidInput `too_many_shots`, InsufficientCredits and
    SpendCapReached.
    """
    if not flags().enable_shot_stream:
        message = "Shot streams are switched off; create the shots one by one"
        raise Conflict(message, code="shot_stream_disabled")
    project = require_project(caller, request.project_id)
    claims = Claims(Table(settings(RunsTable).runs_table))
    key = Key((project.workspace_id, ROUTE, request_id), digest_of(request.wanted))
    earlier = claims.find(key)
    if earlier is None:
        scene = require_scene_of(project, request.scene_id)
        take_order(caller.user_id)
        run_id, is_new = _begun(on, scene, request, request_id, claims, key, base_url)
    else:
        run_id, is_new = earlier.run_id, False
    with contextlib.suppress(Transient):  # the sweep starts it within a minute
        on.dispatch(SHOTS, [project.workspace_id])
    return BegunRun(on.runs.get(run_id), is_new)


def _begun(
    on: Lifecycle,
    scene: SceneRow,
    request: GenShotsBody,
    request_id: str,
    claims: Claims,
    key: Key,
    base_url: str,
) -> tuple[str, bool]:
    """Returns the run's id, and whether this call has begun it."""
    run_id = new_id("run")
    ids = [derived_id(run_id, "shot", str(place)) for place in range(request.shot_count)]
    for _ in range(ATTEMPTS):
        numbers = Numbers.read(storyboards().table, shots_of(scene.id))
        following = numbers.following(request.shot_count, request.highest_number)
        given = dict(zip(ids, following, strict=True))
        run = _run(run_id, scene, request, request_id, given, base_url)
        claimed = claims.write(key, Claim(run_id, is_new=True))
        if on.begin(run, [claimed, *_shot_writes(scene, numbers, given)]):
            return run_id, True
        other = claims.find(key)
        if other is not None:
            return other.run_id, other.run_id == run_id
    raise Transient("the scene is being changed by too many others")


def _run(
    run_id: str,
    scene: SceneRow,
    request: GenShotsBody,
    request_id: str,
    numbers: Mapping[str, int],
    base_url: str,
) -> Run:
    ideas = [shot.idea for shot in request.existing_shots if shot.idea]
    return Run(
        id=run_id,
        kind=SHOTS.name,
        workspace_id=scene.workspace_id,
        subject_id=scene.id,
        credits=RunCredits(held=hold_of(request.shot_count)),
        hold_id=run_id,
        options={
            "project_id": scene.project_id,
            "scene_id": scene.id,
            "request_id": request_id,
            "ideas": ideas[-MAX_IDEAS:],
        },
        state=first_state(dict(numbers)),
        public_base_url=base_url,
        limit_seconds=LIMIT_SECONDS,
        created_at=now_iso(),
    )


def hold_of(shots: int) -> int:
    """Returns the credits for so many shots: half of one each, rounded up."""
    return (shots + 1) // 2


def _shot_writes(scene: SceneRow, numbers: Numbers, given: Mapping[str, int]) -> Sequence[Write]:
    table, now = storyboards().table, now_iso()
    shots = [
        ShotRow(
            id=id_,
            project_id=scene.project_id,
            scene_id=scene.id,
            workspace_id=scene.workspace_id,
            status="creating",
            source="model",
            created_at=now,
            updated_at=now,
        )
        for id_ in given
    ]
    puts = [table.put_write(shot_item(shot), NEW) for shot in shots]
    return [add_write(table, numbers, given), *puts]
