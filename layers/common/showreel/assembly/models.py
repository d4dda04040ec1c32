"""Models of what films are assembled from."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from showreel.core.framing import Fit
from showreel.core.ids import new_file_id
from showreel.core.models import FrozenModel
from showreel.media.cues import FILM_CLIP, InFilm

if TYPE_CHECKING:  # only for types: readers of rows need neither music nor profiles
    from showreel.media.profile import Profile
    from showreel.music.library import TrackSource

UNUSABLE_FILES = {
    "music_missing": "The music is gone; choose another track",
    "music_invalid": "The music can't be used; choose another track",
    "logo_missing": "The logo is gone; choose another one",
    "logo_invalid": "The logo can't be used; choose another one",
    "speech_missing": "A voice-over is gone; sync the timeline",
    "speech_invalid": "A voice-over can't be used; choose another one",
    "piece_missing": "A part of the film is gone; start it again",
}
"""The messages to callers, by the code that says why finished pieces could not be joined."""
VIDEO, SOUND, FIRST_FRAME, LAST_FRAME = "clip.mp4", "sound.wav", "first.jpg", "last.jpg"
"""The files of a piece. Transitions and stills have only the first, silent clips no sound."""


class VideoSource(FrozenModel):
    """A delivered video, how long it is in the film, from `start_seconds` on, and how it fills the
    frame.
    """

    asset_key: str
    seconds: float = Field(gt=0)
    fit: Fit = "auto"
    start_seconds: float = 0.0
    in_film: InFilm = FILM_CLIP


class Still(FrozenModel):
    """A picture and how it is shown: for how long, how it fills the frame, and the prompt for its
    camera move.
    """

    asset_key: str
    seconds: float = Field(gt=0)
    fit: Fit = "auto"
    prompt: str = ""
    in_film: InFilm = InFilm(cuts=())


class NormalisedPiece(FrozenModel):
    """A clip or transition in a profile; `digest` is the hash of all that it was made from."""

    digest: str
    frames: int
    has_sound: bool = False

    def key(self, file: str) -> str:
        """Returns the object key of one of the piece's files."""
        return f"work/pieces/{self.digest}/{file}"


@dataclass(frozen=True)
class TransitionPiece:
    """A piece between two others: a crossfade replaces their ends, a generated one adds to them."""

    kind: Literal["crossfade", "generated"]
    piece: NormalisedPiece


@dataclass(frozen=True)
class Speech:
    """A voice-over of a film: `frames` of a sound, from the film's frame `start` on."""

    asset_key: str
    start: int
    frames: int
    gain: float = 1.0


@dataclass(frozen=True)
class FilmSpec:
    """A whole film: pieces in order, what stands between each two (None is a cut), and its sound.

    `gains` are factors for the volume of the pieces' own sounds, 1 if it is empty; without
    `native_audio` those sounds are left out.
    """

    profile: "Profile"
    pieces: tuple[NormalisedPiece, ...]
    transitions: tuple[TransitionPiece | None, ...]
    native_audio: bool
    music: "TrackSource | None"
    music_volume: int
    title: str | None
    logo_key: str | None
    gains: tuple[float, ...] = ()
    speeches: tuple[Speech, ...] = ()


class FileIds(FrozenModel):
    """A run's random file names, so that a repeated step overwrites only its own files."""

    film: str = Field(default_factory=new_file_id)
    poster: str = Field(default_factory=new_file_id)
    contact_sheet: str = Field(default_factory=new_file_id)

    def keys(self, bucket: str) -> "FilmKeys":
        """Returns the object keys of the files in a logical bucket."""
        return FilmKeys(
            film_key=f"{bucket}/{self.film}.mp4",
            poster_key=f"{bucket}/{self.poster}.jpg",
            contact_sheet_key=f"{bucket}/{self.contact_sheet}.jpg",
        )


class FilmKeys(FrozenModel):
    """The object keys of a film's files."""

    film_key: str
    poster_key: str
    contact_sheet_key: str


class FilmFiles(FilmKeys):
    """The finished film: its object keys, length in seconds and number of frames."""

    duration_seconds: float
    frames: int
