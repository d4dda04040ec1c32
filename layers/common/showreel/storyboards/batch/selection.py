"""Selects the shots that a run would make, with reasons for the others and the price."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from showreel.generation.service import new_job
from showreel.storyboards.access import storyboards
from showreel.storyboards.batch.models import MAX_SHOTS_OF_A_RUN, MEDIA, BatchPhase
from showreel.storyboards.generations.choice import ModelChoice
from showreel.storyboards.generations.readiness import SkipReason, why_not
from showreel.storyboards.generations.requests import Making, job_request
from showreel.storyboards.models import SceneInProject, ShotInProject, StoryboardRow

PAGE = 100
MAX_LISTED = 1000
"""The most skipped shots that are listed."""


@dataclass
class Selection:
    """The shots of a project, in the order of the film."""

    shot_ids: list[str] = field(default_factory=list)
    skipped: list[tuple[str, SkipReason]] = field(default_factory=list)
    skipped_total: int = 0
    estimated_credits: int = 0
    first_credits: int = 0
    """The price of the first shot, in credits."""

    def skip(self, shot_id: str, reason: SkipReason) -> None:
        """Skips a shot, for `reason`."""
        self.skipped_total += 1
        if len(self.skipped) < MAX_LISTED:
            self.skipped.append((shot_id, reason))

    def take(self, shot_id: str, price: int) -> None:
        """Adds a shot, with its price in credits."""
        self.first_credits = self.first_credits or price
        self.estimated_credits += price
        self.shot_ids.append(shot_id)

    def of_run(self, shot_ids: Sequence[str], estimated_credits: int) -> "Selection":
        """Returns the selection of a run of these shots; other shots are still skipped."""
        others = [one for one in self.skipped if one[0] not in set(shot_ids)]
        total = self.skipped_total - (len(self.skipped) - len(others))
        return Selection([*shot_ids], others, total, estimated_credits)

    @property
    def is_full(self) -> bool:
        """Whether a run takes no more shots."""
        return len(self.shot_ids) >= MAX_SHOTS_OF_A_RUN


def select(
    project: StoryboardRow, phase: BatchPhase, choice: ModelChoice, *, is_busy: bool
) -> Selection:
    """Goes through the project's shots, page by page. If another run of the phase is going on
    (`is_busy`), no shot is taken: those that could be are in progress.

    Raises InvalidInput for what the model can't do with any shot.
    """
    found, prices = Selection(), _Prices(phase, choice)
    for shot in _shots(project):
        reason = why_not(shot.shot, MEDIA[phase])
        if reason is None and is_busy:
            reason = "in_progress"
        if reason is not None:
            found.skip(shot.shot.id, reason)
            continue
        found.take(shot.shot.id, prices.of(shot))
        if found.is_full:
            break
    return found


class _Prices:
    """The prices of shots, as their jobs will have them. They depend only on a shot's length."""

    def __init__(self, phase: BatchPhase, choice: ModelChoice) -> None:
        self._phase, self._choice = phase, choice
        self._known: dict[int | None, int] = {}

    def of(self, shot: ShotInProject) -> int:
        """Returns the price in credits."""
        length = shot.shot.duration_ms if self._phase == "videos" else None
        if length not in self._known:
            making = Making(shot, MEDIA[self._phase], self._choice)
            self._known[length] = new_job(job_request(making, "quote", "")).credits
        return self._known[length]


def _shots(project: StoryboardRow) -> Iterator[ShotInProject]:
    scene_cursor: str | None = None
    while True:
        scenes, scene_cursor = storyboards().scenes(project.id, PAGE, scene_cursor)
        for scene in scenes:
            yield from _shots_of(SceneInProject(project, scene))
        if scene_cursor is None:
            return


def _shots_of(place: SceneInProject) -> Iterator[ShotInProject]:
    cursor: str | None = None
    while True:
        shots, cursor = storyboards().shots(place.scene.id, PAGE, cursor)
        for shot in shots:
            yield ShotInProject(place.project, place.scene, shot)
        if cursor is None:
            return
