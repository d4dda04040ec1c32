"""Framing of a clip's pictures, which is one of the clip's inputs."""

from collections.abc import Iterator

from showreel.core.framing import Fit, Framing, Size, cropped_share, framing_of
from showreel.films.projects.models import ClipRow, ProjectRow

MOST_CROPPED_BEFORE = 0.08
"""The largest share that was cropped before `fit` existed; other pictures were padded."""


def fit_of(project: ProjectRow, clip: ClipRow) -> Fit:
    """Returns the clip's own `fit`, else the project's."""
    return clip.fit or project.fit


def framings(project: ProjectRow, clip: ClipRow) -> tuple[Framing | Fit, ...]:
    """Returns how each picture fills the frame: `as_is`, `crop` or `pad`, or its `fit` if its size
    is unknown. Empty if all are `as_is`, since `fit` then changes nothing.
    """
    fit, frame = fit_of(project, clip), _frame(project)
    found = [framing_of(size, frame, fit) if size else fit for size in _sizes(clip)]
    return tuple(found) if any(one != "as_is" for one in found) else ()


def framed_as_before(project: ProjectRow, clip: ClipRow) -> bool:
    """Returns whether a clip from before `fit` existed may be reused: its `fit` is `auto`, or it
    was framed as it would be now.
    """
    frame, is_auto = _frame(project), fit_of(project, clip) == "auto"
    known = [size for size in _sizes(clip) if size]
    before = tuple(_framing_before(size, frame) for size in known)
    return is_auto or before == framings(project, clip)


def _framing_before(size: Size, frame: Size) -> Framing:
    if framing_of(size, frame, "auto") == "as_is":
        return "as_is"
    return "crop" if cropped_share(size, frame) <= MOST_CROPPED_BEFORE else "pad"


def _frame(project: ProjectRow) -> Size:
    across, _, down = project.aspect_ratio.partition(":")
    return int(across), int(down)


def _sizes(clip: ClipRow) -> Iterator[Size | None]:
    yield clip.source_size
    if clip.end_key:
        yield clip.end_size
