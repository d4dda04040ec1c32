"""The FFmpeg work on pieces: objects in, objects out, the manifest returned."""

from typing import Any

from showreel.assets.service import storage
from showreel.films.pipeline import workfiles
from showreel.films.pipeline.plan import Plan
from showreel.media.normalise import normalise_clip
from showreel.media.transition import normalise_transition, render_joint_crossfade

CLIP, SOUND, TRANSITION = "clip.mp4", "sound.wav", "transition.mp4"


def clip(plan: Plan, index: int, asset_key: str) -> dict[str, Any]:
    """A clip in the film's format, with its sound and its first and last frame.

    Raises MediaError for a clip that can't be used.
    """
    profile = workfiles.profile(plan)
    frames = profile.frames(plan.clips[index].duration_seconds)
    with workfiles.workdir() as directory:
        source = directory / "source.mp4"
        storage().get_file(asset_key, source)
        made = normalise_clip(source, directory, profile, expected_frames=frames)
        audible = plan.native_audio and made.manifest.has_native_audio
        files = (made.video, made.first_frame, made.last_frame, *([made.sound] if audible else []))
        workfiles.upload(workfiles.piece_prefix(plan.run_id, "clip", index), *files)
        return made.manifest.model_dump()


def transition(plan: Plan, index: int, asset_key: str) -> dict[str, Any]:
    """A generated transition as one second of the film. Raises MediaError."""
    with workfiles.workdir() as directory:
        source, transition = directory / "source.mp4", directory / TRANSITION
        storage().get_file(asset_key, source)
        manifest = normalise_transition(source, transition, workfiles.profile(plan))
        workfiles.upload(workfiles.piece_prefix(plan.run_id, "transition", index), transition)
        return manifest.model_dump()


def crossfade(plan: Plan, index: int) -> dict[str, Any]:
    """The last frames of one clip dissolving into the first of the next."""
    with workfiles.workdir() as directory:
        before, after = (
            workfiles.download(
                workfiles.piece_prefix(plan.run_id, "clip", neighbour),
                directory / str(neighbour),
                CLIP,
            )
            for neighbour in (index, index + 1)
        )
        transition = directory / TRANSITION
        profile = workfiles.profile(plan)
        manifest = render_joint_crossfade(before / CLIP, after / CLIP, transition, profile)
        workfiles.upload(workfiles.piece_prefix(plan.run_id, "transition", index), transition)
        return manifest.model_dump()
