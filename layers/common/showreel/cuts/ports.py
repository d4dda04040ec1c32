"""The interface to storyboards, another product, which `showreel.boards` implements."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from showreel.identity import Caller
from showreel.media.profile import AspectRatio


@dataclass(frozen=True)
class BoardMedium:
    """A shot's picture, video or voice-over: the object that is shown now, if there is one.

    `status` is the storyboard's own. `seconds` were probed when it was made.
    """

    status: str
    key: str | None = None
    seconds: float | None = None


@dataclass(frozen=True)
class BoardShot:
    """A shot with its media."""

    id: str
    scene_id: str
    scene_number: int
    shot_number: int
    image: BoardMedium
    video: BoardMedium
    audio: BoardMedium
    title: str | None = None
    dialogue: str | None = None
    camera: str = ""
    """The camera move over the picture, in words."""
    duration_ms: int | None = None


@dataclass(frozen=True)
class Board:
    """A project, without its shots."""

    id: str
    workspace_id: str
    aspect_ratio: AspectRatio
    music_track_id: str | None = None


class Boards(Protocol):
    """Reads storyboards."""

    def require(self, caller: Caller, project_id: str) -> Board:
        """Returns the project, if the caller is a member of its workspace. Raises NotFound."""

    def shots(self, project_id: str, most: int) -> Sequence[BoardShot]:
        """Returns the first `most` shots, by scene and shot number. Raises NotFound."""
