"""Makes clips of pictures, over which the built-in camera moves."""

from showreel.assembly.models import VIDEO, NormalisedPiece, Still
from showreel.assembly.pieces import OnFrames, digest_of_source, find, keep
from showreel.assembly.workfiles import workdir
from showreel.assets.service import storage
from showreel.media.motion import render_motion
from showreel.media.moves import move_from_prompt
from showreel.media.profile import Profile


def move_over(
    still: Still, profile: Profile, on_frames: OnFrames = lambda _count: None
) -> NormalisedPiece:
    """Returns a silent clip of the picture in the profile: an earlier one, else made now.

    Raises MediaError for a picture that can't be used, NotFound for one that is gone.
    """
    with workdir() as directory:
        path, move = directory / "still", move_from_prompt(still.prompt)
        storage().get_file(still.asset_key, path)
        frames = profile.frames(still.seconds)
        how = (still.fit, move.kind, f"{move.amount:.3f}")
        digest = digest_of_source("still", path, profile, frames, *how, in_film=still.in_film)
        if found := find(digest):
            return found
        render_motion(
            path,
            directory / VIDEO,
            move=move,
            frames=frames,
            profile=profile,
            fit=still.fit,
            in_film=still.in_film,
            on_frame=on_frames,
        )
        return keep(NormalisedPiece(digest=digest, frames=frames), directory)
