"""A draft is timed as its film, and a clip is reused exactly while it would come out the same."""

from typing import Any

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
    looks = {"preset": real.profile.preset, "crf": real.profile.crf, "draft": False}
    assert draft.profile.model_copy(update=looks) == real.profile
    assert all(one.kind != "seamless" for one in draft.transitions)


WIDE, PHOTO, NEAR, SQUARE = (1600, 900), (4000, 3000), (1700, 900), (900, 900)
OLD_KEY = "1ce4ce72bc8cd63a4a9b5aad1e78af416b37f3f9e38b3a79526c839a19c48365"
"""What `film`'s first clip was called before there was `fit`."""
OLD_DRAFT_KEY = "51aa53adfd54ccc9efd8f8840a61ef48e8d77f418f4be19fd9eef8cf91005ffa"
ASSET = "generation-videos/a.mp4"


def framed(size: Any, project_fit: str = "auto", **fields: Any) -> Film:
    made = support.film(1, source_size=size, **fields)
    return made.model_copy(update={"project": made.project.model_copy(update={"fit": project_fit})})


def key(whole: Film, *, draft: bool = False) -> str:
    return make_plan(whole, "run", draft=draft).clips[0].key


def is_reused(whole: Film, made_key: str, *, draft: bool = False) -> bool:
    made = {"draft_made" if draft else "made": {"key": made_key, "asset_key": ASSET}}
    clip = whole.clips[0].model_validate(whole.clips[0].model_dump() | made)
    plan = make_plan(whole.model_copy(update={"clips": (clip,)}), "run", draft=draft)
    assert (plan.credits == 0) == (plan.clips[0].made is not None)
    return plan.clips[0].made is not None


@pytest.mark.parametrize("fit", ["auto", "crop", "pad"])
def test_a_clip_that_needs_no_framing_is_what_it_always_was(fit: str) -> None:
    assert key(framed(WIDE, fit)) == OLD_KEY
    assert key(framed(WIDE, fit), draft=True) == OLD_DRAFT_KEY


@pytest.mark.parametrize(
    ("size", "before", "after", "reused"),
    [
        (PHOTO, "auto", "crop", True),
        (PHOTO, "auto", "pad", False),
        (PHOTO, "pad", "auto", False),
        (PHOTO, "crop", "pad", False),
        (SQUARE, "auto", "pad", True),
        (SQUARE, "pad", "crop", False),
        (WIDE, "pad", "crop", True),
    ],
)
@pytest.mark.parametrize("draft", [False, True])
def test_another_fit_makes_anew_only_what_it_frames_otherwise(
    size: Any, before: str, after: str, reused: bool, draft: bool
) -> None:
    made = key(framed(size, before), draft=draft)
    assert is_reused(framed(size, after), made, draft=draft) == reused
    assert is_reused(framed(size, "auto", fit=after), made, draft=draft) == reused


@pytest.mark.parametrize(
    ("size", "fit", "reused"),
    [
        (WIDE, "pad", True),
        (NEAR, "crop", True),
        (NEAR, "pad", False),
        (PHOTO, "auto", True),
        (PHOTO, "pad", True),
        (PHOTO, "crop", False),
        (SQUARE, "auto", True),
        (SQUARE, "crop", False),
        (None, "auto", True),
        (None, "crop", False),
    ],
)
def test_a_clip_paid_before_there_was_a_choice_is_kept_until_another_is_made(
    size: Any, fit: str, reused: bool
) -> None:
    assert is_reused(framed(size, fit), OLD_KEY) == reused


def test_a_reused_clip_stays_known_as_what_it_was_made_of() -> None:
    made = {"key": OLD_KEY, "asset_key": ASSET}
    assert key(framed(PHOTO, made=made)) == OLD_KEY, "it is padded, whatever `auto` is now"


def test_a_draft_of_a_photo_is_drawn_again() -> None:
    assert not is_reused(framed(PHOTO), OLD_DRAFT_KEY, draft=True)


def test_a_last_frame_is_framed_too() -> None:
    end = {"end_key": "project-assets/e-0123456789abcdef.jpg", "end_hash": "e"}
    one, other = (framed(WIDE, fit, end_size=PHOTO, **end) for fit in ("crop", "pad"))
    assert key(one) != key(other)
    assert key(framed(WIDE, "pad", end_size=WIDE, **end)) == key(framed(WIDE, end_size=WIDE, **end))
