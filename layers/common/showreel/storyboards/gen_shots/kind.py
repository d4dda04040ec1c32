"""The writing of shots as a kind of run: what `showreel.runs` calls to stop, settle and show it."""

from dataclasses import dataclass
from typing import Any

from showreel.core.clock import now_iso
from showreel.core.dynamo import Write
from showreel.core.errors import NotFound
from showreel.core.observability import count
from showreel.core.settings import GenShotsMachine, settings
from showreel.runs.kinds import RunLimits, Settlement
from showreel.runs.lifecycle import Lifecycle, lifecycle
from showreel.runs.models import Ending, Run, RunView, failed
from showreel.storyboards.access import storyboards
from showreel.storyboards.gen_shots.ideas import Idea
from showreel.storyboards.gen_shots.slots import Slot, may_ask, slots_of
from showreel.storyboards.models import Phase, ShotRow
from showreel.storyboards.numbers import Numbers, shots_of
from showreel.storyboards.rows import PRESENT, SHOT, shot_pk

LIMIT_SECONDS = 900
"""Two answers take two minutes at most; the rest is for outages of ours."""
LIMITS = RunLimits(per_workspace=6, in_all=100)


class ShotRunView(RunView):
    """A run object with its scene."""

    project_id: str
    scene_id: str
    request_id: str


@dataclass(frozen=True)
class ShotRuns:
    """See `showreel.runs.kinds.RunKind`."""

    name: str = "shots"

    @property
    def state_machine(self) -> str:
        """The ARN of the state machine GenShots."""
        name: str = settings(GenShotsMachine).gen_shots_state_machine
        return name

    @property
    def limits(self) -> RunLimits:
        """How many scenes may be written at once, per workspace and in all."""
        return LIMITS

    def view(self, run: Run) -> ShotRunView:
        """Returns the run with its scene."""
        shown = run.model_dump(include=set(RunView.model_fields))
        own = {name: run.options[name] for name in ("project_id", "scene_id", "request_id")}
        return ShotRunView.model_validate(shown | own)

    def stop_children(self, run: Run, function_arn: str) -> None:
        """Does nothing: the writing process stops when it finds the hold closed."""

    def settle(self, run: Run, ending: Ending) -> Settlement:  # noqa: ARG002 - the port's
        """Returns the shots that were written. One whose text broke off is finished from what is
        there; one without text is removed together with its number.
        """
        slots = slots_of(shot_runs().runs.get(run.id))
        written = [slot for slot in slots if slot.is_written]
        templates = sum(slot.source == "template" for slot in written)
        output = {
            "total": len(written),
            "templates": templates,
            "shotIds": [slot.id for slot in written],
        }
        return Settlement(
            output=output,
            writes=[*_finished(slots), *_taken_away(run, slots)],
            then=lambda ended: _ended(ended, templates),
        )

    def waits_for_us(self, run: Run) -> bool:
        """Returns whether no model is asked any more, so that only our own writes are left."""
        return not may_ask(run)

    def failure(self, run: Run) -> Ending:
        """Returns why there are no shots."""
        try:
            storyboards().project(run.options["project_id"])
            Numbers.read(storyboards().table, shots_of(run.subject_id))
        except NotFound:
            return failed("scene_gone", "The scene was deleted")
        return failed("internal_error", "The shots could not be written")


SHOTS = ShotRuns()


def shot_runs(function_arn: str = "") -> Lifecycle:
    """Returns the runs that write shots. `function_arn` is the calling function's own."""
    return lifecycle(function_arn, SHOTS)


def shot_changes(phases: list[Phase], idea: Idea) -> dict[str, Any]:
    """Returns the attributes of a shot that passes through these phases."""
    changes: dict[str, Any] = {"status": phases[-1], "updated_at": now_iso()}
    if "drafting" in phases:
        changes |= {"title": idea.title, "description": idea.description}
        changes |= {"prompt_idea": idea.description, "shot_type": idea.shot_type}
    if "enriching" in phases:
        changes |= {"visual_prompt": idea.visual_prompt, "camera_movement": idea.camera}
        changes |= {"image.status": "prompt_ready"}
    if "ready" in phases:
        changes |= {"shot_type": idea.shot_type, "duration_ms": idea.duration_ms}
    return changes


def idea_of(shot: ShotRow) -> Idea:
    """Returns the idea of a shot that has a text."""
    fields = {
        "title": shot.title,
        "description": shot.description,
        "shot_type": shot.shot_type,
        "camera": shot.camera_movement,
        "duration_ms": shot.duration_ms,
    }
    return Idea.model_validate({name: value for name, value in fields.items() if value is not None})


def _finished(slots: list[Slot]) -> list[Write]:
    """Returns the writes that finish shots whose text is there."""
    store = storyboards()
    writes: list[Write] = []
    for slot in slots:
        if not slot.is_written or slot.is_done:
            continue
        try:
            shot = store.shot_row(slot.id)
        except NotFound:
            continue
        changes = shot_changes(slot.phases_after(), idea_of(shot))
        writes.append(store.table.set_write(shot_pk(slot.id), SHOT, changes, condition=PRESENT))
    return writes


def _taken_away(run: Run, slots: list[Slot]) -> list[Write]:
    empty = [slot.id for slot in slots if slot.needs_text]
    if not empty:
        return []
    table, place = storyboards().table, shots_of(run.subject_id)
    numbers = table.set_write(
        place.pk,
        place.sk,
        {f"numbers.{id_}": None for id_ in empty},
        add={"version": 1},
        condition="attribute_exists(pk)",
    )
    return [numbers, *(table.delete_write(shot_pk(id_), SHOT) for id_ in empty)]


def _ended(run: Run, templates: int) -> None:
    count("ShotRunEnded", status=run.status)
    if templates:
        count("TemplateShots", templates)
