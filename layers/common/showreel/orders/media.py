"""Verifies the media of a request and copies them to our bucket before anything is ordered."""

import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from showreel.assets.models import StoredMedia
from showreel.assets.service import (
    copy_image,
    delete_assets,
    import_audio,
    import_image,
    import_video,
    storage,
)
from showreel.catalog import Model
from showreel.catalog.values import InputMediaUrl
from showreel.core.errors import AppError, MediaError, about_field
from showreel.generation.models import InputMedia, Job
from showreel.generation.store import job_pk

RAW_IMAGE = "raw_image"
"""A picture that is copied as it is; the job sanitizes it."""
MAX_FILES = 20
MAX_SECONDS = 600.0
"""The longest video."""
TOLERANCE_SECONDS = 0.5
"""Files may be off by this: encoders pad and cut a little."""


@dataclass
class Copies:
    """The keys of our copies by the caller's URLs, and lengths in seconds."""

    keys: dict[str, str] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    """The length of the longest file of each kind: `video`, `audio`."""

    def places(self, media: tuple[InputMediaUrl, ...]) -> tuple[InputMedia, ...]:
        """Returns the copies' keys with their paths in the inputs."""
        return tuple(InputMedia(path=one.path, key=self.keys[one.url]) for one in media)

    def length(self, model: Model) -> float | None:
        """Returns the length of the input that decides the result's, None if none does.

        Raises MediaError `media_too_long` or `media_too_short` for lengths outside the model's.
        """
        kind, durations = model.capabilities.duration_from, model.capabilities.duration_seconds
        seconds = self.seconds.get(kind)
        if seconds is None or durations is None:
            return seconds
        shortest, longest = durations.choices()[0], durations.choices()[-1]
        if seconds > longest + TOLERANCE_SECONDS:
            raise MediaError(f"The {kind} lasts at most {longest} s", code="media_too_long")
        if seconds < shortest - TOLERANCE_SECONDS:
            raise MediaError(f"The {kind} lasts at least {shortest} s", code="media_too_short")
        return seconds


@contextmanager
def imported(
    workspace_id: str, media: tuple[InputMediaUrl, ...], base_url: str, job_id: str
) -> Iterator[Copies]:
    """Copies the media for the job; removes the copies if the request is refused inside.

    After other errors the copies stay, since a job may name them by now. Raises what
    `assets.service.import_image` raises, and MediaError for what is no whole video or sound.
    """
    wanted = {(one.kind, one.url) for one in media}
    if len(wanted) > MAX_FILES:
        raise MediaError(f"At most {MAX_FILES} files", code="too_many_media")
    copies = Copies()
    try:
        for kind, url in dict.fromkeys((one.kind, one.url) for one in media):
            place = next(one.path for one in media if one.url == url)
            with about_field(".".join(map(str, place)) or kind):
                _IMPORTS[kind](copies, workspace_id, url, base_url, job_pk(job_id))
        yield copies
    except AppError as error:
        if error.status < 500:
            delete_assets(copies.keys.values())
        raise


def drop_unused(copies: Copies, job: Job) -> None:
    """Removes copies that the job doesn't name: another request with the same key was faster."""
    delete_assets(key for key in copies.keys.values() if key not in job.wanted.keys)


def _raw_picture(copies: Copies, workspace_id: str, url: str, base_url: str, owner: str) -> None:
    copies.keys[url] = copy_image(workspace_id, url, base_url, owner)


def _picture(copies: Copies, workspace_id: str, url: str, base_url: str, owner: str) -> None:
    copies.keys[url] = import_image(workspace_id, url, base_url, owner).key


def _video(copies: Copies, workspace_id: str, url: str, base_url: str, owner: str) -> None:
    file = import_video(workspace_id, url, base_url, owner)
    _measure(copies, "video", url, file, _movie_seconds)


def _sound(copies: Copies, workspace_id: str, url: str, base_url: str, owner: str) -> None:
    file = import_audio(workspace_id, url, base_url, owner)
    _measure(copies, "audio", url, file, _sound_seconds)


def _measure(
    copies: Copies, kind: str, url: str, file: StoredMedia, seconds_of: Callable[[Path, str], float]
) -> None:
    copies.keys[url] = file.key
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "media"
        storage().get_file(file.key, path)
        seconds = seconds_of(path, file.content_type)
    copies.seconds[kind] = max(seconds, copies.seconds.get(kind, 0.0))


def _movie_seconds(path: Path, content_type: str) -> float:
    from showreel.media.lengths import video_seconds  # few requests have media to look at

    return video_seconds(path, content_type, MAX_SECONDS)


def _sound_seconds(path: Path, content_type: str) -> float:
    from showreel.media.audio_probe import verify_sound

    return verify_sound(path, content_type=content_type).seconds


_IMPORTS: Mapping[str, Callable[[Copies, str, str, str, str], None]] = {
    RAW_IMAGE: _raw_picture,
    "image": _picture,
    "video": _video,
    "audio": _sound,
}
