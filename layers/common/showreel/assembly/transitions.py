"""Makes what stands between two pieces: a crossfade, or a generated clip trimmed to one second."""

from collections.abc import Sequence

from showreel.assembly.models import VIDEO, NormalisedPiece
from showreel.assembly.pieces import digest_of, digest_of_source, find, keep, shape_of
from showreel.assembly.workfiles import download, workdir
from showreel.assets.service import storage
from showreel.core.framing import Fit
from showreel.media.captions import recipe_of
from showreel.media.cues import Cue
from showreel.media.profile import TRANSITION_SECONDS, Profile
from showreel.media.transition import BuiltInTransition, encode_crossfade, normalise_transition


def normalise_generated(asset_key: str, profile: Profile, fit: Fit = "auto") -> NormalisedPiece:
    """Returns a generated transition as one second of the film. Raises MediaError, NotFound."""
    with workdir() as directory:
        path, frames = directory / "source.mp4", profile.frames(TRANSITION_SECONDS)
        storage().get_file(asset_key, path)
        how = shape_of(path, profile, fit)
        digest = digest_of_source("transition", path, profile, frames, *how)
        if found := find(digest):
            return found
        normalise_transition(path, directory / VIDEO, profile, fit=fit)
        return keep(NormalisedPiece(digest=digest, frames=frames), directory)


def render_crossfade(
    before: NormalisedPiece,
    after: NormalisedPiece,
    profile: Profile,
    *,
    frames: int | None = None,
    kind: BuiltInTransition = "fade",
    captions: Sequence[Cue] = (),
) -> NormalisedPiece:
    """Returns the transition from the last `frames` of one clip to the first of the next, with
    `captions` over both. Without `frames` it has the profile's usual number. Raises NotFound.
    """
    count = frames or profile.crossfade_frames
    shown = (kind, str(count), *recipe_of(captions))
    digest = digest_of("crossfade", before.digest, after.digest, *shown)
    if found := find(digest):
        return found
    with workdir() as directory:
        tail, head = directory / "before.mp4", directory / "after.mp4"
        download({tail: before.key(VIDEO), head: after.key(VIDEO)})
        made = encode_crossfade(
            tail,
            head,
            directory / VIDEO,
            profile,
            transition=kind,
            frames=count,
            captions=captions,
        )
        return keep(NormalisedPiece(digest=digest, frames=made), directory)
