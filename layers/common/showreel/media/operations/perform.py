"""Performs any operation: opens its files, and raises MediaError with a code for what is wrong."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from showreel.core.errors import MediaError, Transient
from showreel.media.operations import (
    extracting,
    joining,
    mixing,
    overlaying,
    reversing,
    shaping,
    timing,
)
from showreel.media.operations import models as m
from showreel.media.operations.pictures import load_picture, save_picture
from showreel.media.operations.sources import Source, open_source
from showreel.media.runner import MACHINE_FAULTS

_ONE: Mapping[type[m.Parameters], Callable[[Source, Any, Path], m.OperationResult]] = {
    m.Trim: timing.trim,
    m.Speed: timing.speed,
    m.Resize: shaping.resize,
    m.Crop: shaping.crop,
    m.ExtractFrame: extracting.extract_frame,
    m.ExtractAudio: extracting.extract_audio,
    m.Reverse: reversing.reverse,
    m.ToGif: extracting.to_gif,
}


def perform(
    operation: m.Parameters, files: Mapping[str, Sequence[Path]], directory: Path
) -> m.OperationResult:
    """Makes the result in `directory`, from the files of each input.

    Raises MediaError, also for files that crash our tools or take too long.
    """
    directory = directory.resolve()
    try:
        return _performed(operation, files, directory)
    except Transient as error:
        if error.code in MACHINE_FAULTS:  # the same file would fail again for hours
            raise MediaError(error.message, code=error.code) from error
        raise


def _performed(
    operation: m.Parameters, files: Mapping[str, Sequence[Path]], directory: Path
) -> m.OperationResult:
    opened = {
        name: [open_source(path, takes.kinds) for path in files[name]]
        for name, takes in operation.takes.items()
    }
    source = opened["media"][0]
    match operation:
        case m.Concat():
            return joining.concat(opened["media"], operation, directory)
        case m.Overlay():
            return overlaying.overlay(source, opened["overlay"][0], operation, directory)
        case m.MixAudio():
            return mixing.mix_audio(source, opened["audio"][0], operation, directory)
        case _:
            return _ONE[type(operation)](source, operation, directory)


def accept(path: Path, kind: m.MediaKind, directory: Path) -> m.OperationResult:
    """Checks an untrusted file. A picture is encoded anew, without metadata; videos and sounds stay
    as they are. Raises as `perform`.
    """
    source = open_source(path, (kind,))
    if source.kind == "image":
        return save_picture(load_picture(path), directory)
    look = source.picture
    width, height = (look.width, look.height) if look else (None, None)
    return m.OperationResult(path, source.content_type, width, height, source.seconds)
