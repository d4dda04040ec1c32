"""A draft is cut and timed as the film that it shows beforehand."""

import pytest

from showreel.films.pipeline.plan import FilmPlan, make_plan
from showreel.films.projects.models import Film
from showreel.media.profile import TRANSITION_SECONDS
from tests.unit.films import support

KINDS = ("seamless", "crossfade", "cut", "seamless", "seamless")


def film(model: str) -> Film:
    made = support.film(len(KINDS) + 1)
    clips = (
        clip.model_copy(update={"transition_type": kind, "duration_seconds": seconds})
        for clip, kind, seconds in zip(
            made.clips, (*KINDS, "cut"), (5, 10, 5, 5, 10, 5), strict=True
        )
    )
    project = made.project.model_copy(update={"model": model})
    return Film(project=project, clips=tuple(clips))


def starts(plan: FilmPlan) -> list[float]:
    """The frame in whose middle each clip takes over from the one before, and the last frame."""
    profile, found, at = plan.profile, [0.0], 0.0
    for clip in plan.clips:
        at += profile.frames(plan.clip_seconds(clip))
        kind = plan.transitions[clip.index].kind if clip.index < len(plan.transitions) else "cut"
        between = profile.frames(TRANSITION_SECONDS) if kind == "seamless" else 0
        overlap = profile.crossfade_frames if kind == "crossfade" else 0
        found.append(at + between / 2 - overlap / 2)
        at += between - overlap
    return found


@pytest.mark.parametrize("model", ["kling-v2.6-pro", "wan2.1-i2v-720p", "showreel/camera-motion"])
def test_a_draft_is_timed_as_its_film(model: str) -> None:
    real, draft = (make_plan(film(model), "run", draft=draft) for draft in (False, True))
    assert starts(draft) == starts(real)
    assert draft.profile == real.profile
    assert all(one.kind != "seamless" for one in draft.transitions)
