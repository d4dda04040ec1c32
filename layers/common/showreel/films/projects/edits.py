"""Edits of a film as pure functions: they take the film and return the changes."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from showreel.core.errors import InvalidInput, NotFound
from showreel.films.projects.checks import require_fit, require_room
from showreel.films.projects.framing import framings
from showreel.films.projects.models import ClipRow, Film
from showreel.films.projects.store import Edit, applied

SHAPES_CLIPS = frozenset({"model", "aspect_ratio", "generate_native_audio"})
"""Project fields that every clip is made from."""
SHAPES_CLIP = frozenset({"source_key", "end_key", "motion_prompt", "duration_seconds"})
"""Clip fields that the clip is made from."""
NOT_MADE: dict[str, Any] = {"status": "pending", "clip_key": None, "error_message": None}
NO_TRANSITION: dict[str, Any] = {"transition_key": None, "transition_next_id": None}


def add_clip(film: Film, clip: ClipRow) -> Edit:
    """Adds the clip at the end. Raises InvalidInput `too_many_clips`, and as `require_fit`."""
    require_room(len(film.clips) + 1)
    order = (*film.project.clip_order, clip.id)
    return _checked(film, Edit(project={"clip_order": order}, added=(clip,)))


def change_clip(film: Film, clip_id: str, changes: Mapping[str, Any]) -> Edit:
    """Returns the edit that changes a clip. Raises NotFound, InvalidInput as `require_fit`."""
    clip = require_clip(film, clip_id)
    changed = {name: value for name, value in changes.items() if getattr(clip, name) != value}
    edit = Edit(clips={clip_id: changed} if changed else {})
    stale = {clip_id} if changed.keys() & SHAPES_CLIP else _reframed(film, edit)
    return _checked(film, _with_stale(film, edit, stale))


def remove_clip(film: Film, clip_id: str) -> Edit:
    """Returns the edit that removes the clip. Raises NotFound, InvalidInput as `require_fit`."""
    require_clip(film, clip_id)
    order = tuple(one for one in film.project.clip_order if one != clip_id)
    return _checked(film, Edit(project={"clip_order": order}, removed=(clip_id,)))


def reorder(film: Film, clip_ids: Sequence[str]) -> Edit:
    """Reorders the clips. Raises InvalidInput `clip_order` unless each is named exactly once."""
    if sorted(clip_ids) != sorted(film.project.clip_order):
        message = "clipIds must name every clip of the project exactly once"
        raise InvalidInput(message, code="clip_order", field="clipIds")
    return Edit(project={"clip_order": tuple(clip_ids)})


def change_project(film: Film, changes: Mapping[str, Any]) -> Edit:
    """Changes the project. Raises InvalidInput as `require_fit` if that affects clips."""
    changed = {
        name: value for name, value in changes.items() if getattr(film.project, name) != value
    }
    edit, shapes_all = Edit(project=changed), bool(changed.keys() & SHAPES_CLIPS)
    stale = film.project.clip_order if shapes_all else _reframed(film, edit)
    return _checked(film, _with_stale(film, edit, stale)) if shapes_all or stale else edit


def require_clip(film: Film, clip_id: str) -> ClipRow:
    """Returns the clip of this id. Raises NotFound."""
    clip = film.clip(clip_id)
    if clip is None:
        raise NotFound("Clip not found")
    return clip


def _reframed(film: Film, edit: Edit) -> set[str]:
    """Returns the clips whose pictures are cropped or padded in another way after the edit."""
    after = applied(film, edit)
    pairs = zip(film.clips, after.clips, strict=True)
    return {
        old.id for old, new in pairs if framings(film.project, old) != framings(after.project, new)
    }


def _with_stale(film: Film, edit: Edit, stale: Collection[str]) -> Edit:
    """Returns the edit, which also resets these clips and the transitions beside them."""
    beside = {before.id: NO_TRANSITION for before, after in film.transitions() if after.id in stale}
    unmade = dict.fromkeys(stale, NOT_MADE | NO_TRANSITION)
    changes = {
        name: {**edit.clips.get(name, {}), **change} for name, change in (beside | unmade).items()
    }
    return replace(edit, clips={**edit.clips, **changes})


def _checked(film: Film, edit: Edit) -> Edit:
    """Returns the edit with the new count of made clips. Raises InvalidInput as `require_fit`."""
    after = applied(film, edit)
    require_fit(
        after.project,
        (clip.duration_seconds for clip in after.clips),
        has_end_images=any(clip.end_key for clip in after.clips),
    )
    made = sum(clip.status == "completed" for clip in after.clips)
    if made == film.project.completed_clip_count:
        return edit
    project = {**edit.project, "completed_clip_count": made}
    return Edit(project, edit.clips, edit.added, edit.removed)
