"""How a clip's pictures fill the film's frame: part of what the clip is made from."""

from collections.abc import Iterator

from showreel.core.framing import Fit, Framing, Size, cropped_share, framing_of
from showreel.films.projects.models import ClipRow, ProjectRow

MOST_CROPPED_BEFORE = 0.08
"""What was cut away at most before `fit` was there; all else was padded."""


def fit_of(project: ProjectRow, clip: ClipRow) -> Fit:
    """Returns the clip's own choice, else the project's."""
    return clip.fit or project.fit


def framings(project: ProjectRow, clip: ClipRow) -> tuple[Framing | Fit, ...]:
    """Returns how each picture fills the frame; nothing if none needs to be cropped or padded, so
    that another `fit` changes nothing. Of a picture of unknown size it is the `fit` itself.
    """
    fit, frame = fit_of(project, clip), _frame(project)
    found = [framing_of(size, frame, fit) if size else fit for size in _sizes(clip)]
    return tuple(found) if any(one != "as_is" for one in found) else ()


def framed_as_before(project: ProjectRow, clip: ClipRow) -> bool:
    """Returns whether a clip that is older than `fit` may stand for it: it is framed as it would
    be now, or nobody has chosen otherwise.
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
