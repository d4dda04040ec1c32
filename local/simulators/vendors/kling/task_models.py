"""Kling's models in its second standard: what each of them can do and what it costs."""

from dataclasses import dataclass

_SHORT = frozenset({5, 10})
_FREE = frozenset(range(3, 16))


@dataclass(frozen=True)
class TaskModel:
    """One model.

    `units` is the price of a second by resolution, in the vendor's units, silent if it can be
    silent. `sound_factor` is how many times that a second with sound costs; None if the order can't
    choose. `full_size_only` models take an end frame, or make sound, at 1080p only.
    """

    units: dict[str, float]
    durations: frozenset[int] = _SHORT
    takes_last: bool = True
    sound_factor: float | None = None
    always_sounds: bool = False
    has_shots: bool = False
    full_size_only: bool = True


_CHEAP = {"720p": 0.3, "1080p": 0.5}

TASK_MODELS = {
    "kling-3.0": TaskModel(
        {"720p": 0.6, "1080p": 0.8, "4k": 3.0},
        durations=_FREE,
        sound_factor=1.5,
        has_shots=True,
        full_size_only=False,
    ),
    "kling-3.0-turbo": TaskModel(
        {"720p": 0.8, "1080p": 1.0},
        durations=_FREE,
        takes_last=False,
        always_sounds=True,
        full_size_only=False,
    ),
    "kling-2.6": TaskModel(_CHEAP, sound_factor=2.0),
    "kling-2.5-turbo": TaskModel(_CHEAP),
}
