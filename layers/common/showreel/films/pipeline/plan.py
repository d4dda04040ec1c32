"""The plan of a run: everything a film needs, frozen when it is triggered.

Keys are hashes of inputs. An earlier piece with the same key is reused and costs nothing. Paid
clips from before `fit` existed have keys without it; they are reused unless their owner has chosen
another framing since (decision 0074).
"""

from typing import Any, Literal

from pydantic import Field

from showreel.assembly.models import FileIds
from showreel.catalog import Model, get_model, price
from showreel.core.framing import Fit
from showreel.core.ids import derived_id, digest_of
from showreel.core.models import FrozenModel
from showreel.films.projects.estimate import (
    generated_transitions,
    makes_transitions,
    transition_price,
    transition_seconds,
)
from showreel.films.projects.framing import fit_of, framed_as_before, framings
from showreel.films.projects.models import (
    AspectRatio,
    ClipRow,
    Film,
    MadePiece,
    Resolution,
    TransitionType,
)
from showreel.media.profile import TRANSITION_SECONDS, Profile

BUILTIN_MODEL = "showreel/camera-motion"
TRANSITION_PROMPT = (
    "One continuous camera move that carries the view smoothly from the first picture to the last; "
    "even speed, stable geometry and light, no cut, no people, no text."
)


class PlannedPiece(FrozenModel):
    """Fields of clips and transitions. One that has `made` is reused and costs nothing."""

    index: int
    credits: int = 0
    cost_cents: int = 0
    made: MadePiece | None = None


class PlannedClip(PlannedPiece):
    """One clip to be made."""

    id: str
    label: str
    source_key: str
    end_key: str | None
    prompt: str
    duration_seconds: int
    fit: Fit = "auto"
    handle_frames: int = 0
    """How many frames longer a draft's clip is, for the crossfades at its ends."""
    key: str


class PlannedTransition(PlannedPiece):
    """What stands between clip `index` and the next one. A seamless one is generated with
    `duration_seconds` and shown for one second.
    """

    kind: TransitionType
    requested: TransitionType
    duration_seconds: int = 0


class FilmPlan(FrozenModel):
    """Everything about the film of one run."""

    run_id: str
    project_id: str
    workspace_id: str
    draft: bool
    model: str
    aspect_ratio: AspectRatio
    resolution: Resolution
    frames_per_second: int
    native_audio: bool
    music_track_id: str | None
    music_volume: int
    title: str | None
    logo_key: str | None
    clips: tuple[PlannedClip, ...]
    transitions: tuple[PlannedTransition, ...]
    files: FileIds = Field(default_factory=FileIds)

    @property
    def profile(self) -> Profile:
        """The format of the film and of all its pieces."""
        shape = (self.aspect_ratio, self.resolution, self.frames_per_second)
        return Profile.of(*shape, draft=self.draft)

    def clip_seconds(self, clip: PlannedClip) -> float:
        """Returns the length of a clip in seconds, with its handles."""
        profile = self.profile
        return profile.seconds(profile.frames(clip.duration_seconds) + clip.handle_frames)

    @property
    def credits(self) -> int:
        """The most that the run can cost: the price of every piece that isn't reused."""
        return sum(piece.credits for piece in self._pieces)

    @property
    def cost_cents(self) -> int:
        """The vendor's price of the same pieces, in US cents."""
        return sum(piece.cost_cents for piece in self._pieces)

    @property
    def _pieces(self) -> tuple[PlannedPiece, ...]:
        return (*self.clips, *self.transitions)

    @property
    def pieces_total(self) -> int:
        """Clips, and transitions that need rendering."""
        return len(self.clips) + sum(transition.kind != "cut" for transition in self.transitions)

    def ordered(self) -> list[tuple[Literal["clip", "transition"], int]]:
        """Returns the pieces that may need a job, by kind and index."""
        seamless = (one for one in self.transitions if one.kind == "seamless")
        return [
            *(("clip", one.index) for one in self.clips if one.made is None),
            *(("transition", one.index) for one in seamless if one.made is None),
        ]

    def job_id(self, kind: Literal["clip", "transition"], index: int) -> str:
        """Returns the id of a piece's job, derived: a retried step finds the same job."""
        return derived_id(self.run_id, kind, str(index))

    def transition_key(self, index: int, first_asset: str, second_asset: str) -> str:
        """Returns the key of the transition between two generated clips."""
        seconds = self.transitions[index].duration_seconds
        return digest_of([self.model, self.aspect_ratio, seconds, first_asset, second_asset])


def make_plan(film: Film, run_id: str, *, draft: bool, regenerate: str | None = None) -> FilmPlan:
    """Returns the plan of a project as it is now. `regenerate` names a clip that is made anew.

    Raises InvalidInput `unknown_model`.
    """
    project = film.project
    real = get_model(project.model)
    model = get_model(BUILTIN_MODEL) if draft else real
    frames_per_second = real.capabilities.frames_per_second or 24
    audio = project.generate_native_audio and model.capabilities.inputs.native_audio != "none"
    settings = (model.id, project.aspect_ratio, project.resolution, audio)
    profile = Profile.of(project.aspect_ratio, project.resolution, frames_per_second)
    handles = _handles(film, real, profile) if draft else [0] * len(film.clips)
    clips = tuple(
        _clip(
            *(index, film, model, (handles[index], *settings)),
            _earlier(clip, draft, regenerate),
            draft=draft,
        )
        for index, clip in enumerate(film.clips)
    )
    plan = FilmPlan(
        run_id=run_id,
        project_id=project.id,
        workspace_id=project.workspace_id,
        draft=draft,
        model=model.id,
        aspect_ratio=project.aspect_ratio,
        resolution=project.resolution,
        frames_per_second=frames_per_second,
        native_audio=audio,
        music_track_id=project.music_track_id,
        music_volume=project.music_volume,
        title=project.title,
        logo_key=project.logo_key,
        clips=clips,
        transitions=tuple(_transition(i, clip, model) for i, clip in enumerate(film.clips[:-1])),
    )
    return plan if draft else _with_reused_transitions(plan, film)


def _handles(film: Film, real: Model, profile: Profile) -> list[int]:
    """Returns how many frames longer each clip of a draft is, so that the draft, with crossfades,
    is as long as the film with the transitions that `real` generates.
    """
    handles = [0] * len(film.clips)
    both = profile.frames(TRANSITION_SECONDS) + profile.crossfade_frames
    made = generated_transitions(film, real)
    for index, transition in enumerate(film.transitions()):
        if transition in made:
            handles[index] += both // 2
            handles[index + 1] += both - both // 2
    return handles


def _earlier(clip: ClipRow, draft: bool, regenerate: str | None) -> MadePiece | None:
    """Returns the earlier film's or draft's clip, None for one that is to be made anew."""
    made = clip.draft_made if draft else clip.made
    return made if clip.id != regenerate else None


def _clip(
    index: int,
    film: Film,
    model: Model,
    settings: tuple[Any, ...],
    earlier: MadePiece | None,
    *,
    draft: bool,
) -> PlannedClip:
    clip = film.clips[index]
    pictures = (clip.source_hash, clip.end_hash)
    content = [*settings, *pictures, clip.motion_prompt, clip.duration_seconds]
    key = digest_of([*content, *framings(film.project, clip)])
    keys = {key}
    if not draft and framed_as_before(film.project, clip):
        keys.add(digest_of(content))
    reused = earlier if earlier and earlier.key in keys else None
    cost = price(model, clip.duration_seconds, native_audio=bool(settings[-1]))
    return PlannedClip(
        index=index,
        id=clip.id,
        label=clip.room_label or clip.room_type.label,
        source_key=clip.source_key,
        end_key=clip.end_key,
        prompt=clip.motion_prompt,
        duration_seconds=clip.duration_seconds,
        fit=fit_of(film.project, clip),
        handle_frames=settings[0],
        key=reused.key if reused else key,
        credits=0 if reused else cost.credits,
        cost_cents=0 if reused else cost.cost_cents,
        made=reused,
    )


def _transition(index: int, clip: ClipRow, model: Model) -> PlannedTransition:
    requested = clip.transition_type
    if requested != "seamless":
        return PlannedTransition(index=index, kind=requested, requested=requested)
    if not makes_transitions(model):
        return PlannedTransition(index=index, kind="crossfade", requested=requested)
    cost = transition_price(model)
    return PlannedTransition(
        index=index,
        kind="seamless",
        requested=requested,
        duration_seconds=transition_seconds(model),
        credits=cost.credits,
        cost_cents=cost.cost_cents,
    )


def _with_reused_transitions(plan: FilmPlan, film: Film) -> FilmPlan:
    """Returns the plan, reusing transitions between reused clips if their inputs are the same."""
    transitions = (_reused_transition(plan, film, planned) for planned in plan.transitions)
    return plan.model_copy(update={"transitions": tuple(transitions)})


def _reused_transition(
    plan: FilmPlan, film: Film, transition: PlannedTransition
) -> PlannedTransition:
    first, second = plan.clips[transition.index].made, plan.clips[transition.index + 1].made
    made = film.clips[transition.index].transition
    if transition.kind != "seamless" or not (first and second and made):
        return transition
    if made.key != plan.transition_key(transition.index, first.asset_key, second.asset_key):
        return transition
    return transition.model_copy(update={"made": made, "credits": 0, "cost_cents": 0})
