"""Normalises clips, each once: a clip of the same bytes in the same profile is reused.

    work/pieces/<digest>/sound.wav, first.jpg, last.jpg, then clip.mp4, which bears the piece

The video is stored last, so if it exists, all files do. Two makers at once write the same objects.
"""

import hashlib
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from showreel.assembly.models import (
    FIRST_FRAME,
    LAST_FRAME,
    SOUND,
    VIDEO,
    NormalisedPiece,
    VideoSource,
)
from showreel.assembly.workfiles import upload, workdir
from showreel.assets.service import storage
from showreel.core.errors import NotFound
from showreel.core.framing import Fit
from showreel.media.captions import recipe_of
from showreel.media.cues import FILM_CLIP, InFilm
from showreel.media.framing import framing_of_video
from showreel.media.movie import read_movie
from showreel.media.normalise import normalise_clip, parameter_sets
from showreel.media.probe import look
from showreel.media.profile import Profile

RECIPE = 1
"""Part of every digest; raise it when filters change, so that the same source gives a new piece."""
OnFrames = Callable[[int], None]
"""Called with the number of a piece's frames that are made so far."""
FRESH = timedelta(days=5)
"""The age up to which pieces are reused: `work/` expires after seven days."""


def normalise(
    source: VideoSource, profile: Profile, on_frames: OnFrames = lambda _count: None
) -> NormalisedPiece:
    """Returns the clip in the profile, with its sound and its first and last frame: an earlier one
    if there is one, else made now.

    Raises MediaError for a source that can't be used, NotFound for one that is gone.
    """
    with workdir() as directory:
        path = directory / "source.mp4"
        storage().get_file(source.asset_key, path)
        frames = profile.frames(source.seconds)
        how = (*shape_of(path, profile, source.fit), f"{source.start_seconds:.6f}")
        digest = digest_of_source("clip", path, profile, frames, *how, in_film=source.in_film)
        if found := find(digest):
            return found
        made = normalise_clip(
            path,
            directory,
            profile,
            expected_frames=frames,
            fit=source.fit,
            start_seconds=source.start_seconds,
            in_film=source.in_film,
            on_progress=lambda progress: on_frames(progress.frames),
        )
        piece = NormalisedPiece(digest=digest, frames=frames, has_sound=made.has_sound)
        sound = [SOUND] if made.has_sound else []
        return keep(piece, directory, FIRST_FRAME, LAST_FRAME, *sound)


def shape_of(source: Path, profile: Profile, fit: Fit) -> tuple[str, ...]:
    """Returns the framing that `fit` means for a video, for its digest; empty for `as_is`."""
    framing = framing_of_video(look(source, read_movie(source).picture.rotation), profile, fit)
    return () if framing == "as_is" else (framing,)


def digest_of_source(
    kind: str,
    source: Path,
    profile: Profile,
    frames: int,
    *made_how: str,
    in_film: InFilm = FILM_CLIP,
) -> str:
    """Returns the digest of a piece of `frames` frames, made from the bytes of `source`."""
    with source.open("rb") as file:
        content = hashlib.file_digest(file, "sha256").hexdigest()
    encoded = (parameter_sets(profile).hex(), *profile.encode_arguments(frames, in_film.cuts))
    return digest_of(kind, content, *encoded, *made_how, *recipe_of(in_film.captions))


def digest_of(*made_from: str) -> str:
    """Returns the hash of the recipe's number and everything that a piece is made from."""
    return hashlib.sha256(json.dumps([RECIPE, *made_from]).encode()).hexdigest()


def find(digest: str) -> NormalisedPiece | None:
    """Returns the stored piece; None if there is none or it may expire soon."""
    try:
        facts = storage().head(NormalisedPiece(digest=digest, frames=0).key(VIDEO))
    except NotFound:
        return None
    if datetime.now(UTC) - facts.modified_at > FRESH:
        return None
    return NormalisedPiece.model_validate_json(facts.metadata["piece"])


def keep(piece: NormalisedPiece, directory: Path, *others: str) -> NormalisedPiece:
    """Stores the piece: `others` first, then the video, whose metadata is the piece itself."""
    upload({piece.key(name): directory / name for name in others})
    metadata = {"piece": piece.model_dump_json()}
    storage().put_file(piece.key(VIDEO), directory / VIDEO, "video/mp4", metadata)
    return piece
