"""Kling's models: what each of them can do and what it costs."""

from dataclasses import dataclass

_BOTH = frozenset({"image2video", "text2video"})
_SHORT = frozenset({"5", "10"})
_FREE = frozenset(str(seconds) for seconds in range(3, 16))


@dataclass(frozen=True)
class Model:
    """One model; `units` is the price of a second by mode, in the vendor's units."""

    units: dict[str, float]
    families: frozenset[str] = _BOTH
    durations: frozenset[str] = _SHORT
    takes_tail: bool = True
    makes_sound: bool = False


_CHEAP = {"std": 0.3, "pro": 0.5}
_OLD = {"std": 0.4, "pro": 0.7}
_MASTER = {"std": 2.0, "pro": 2.0}

MODELS = {
    "kling-v3": Model({"std": 0.6, "pro": 0.8}, durations=_FREE, makes_sound=True),
    "kling-v2-6": Model(_CHEAP, makes_sound=True),
    "kling-v2-5-turbo": Model(_CHEAP),
    "kling-v2-1-master": Model(_MASTER, takes_tail=False),
    "kling-v2-1": Model(_OLD, families=frozenset({"image2video"})),
    "kling-v2-master": Model(_MASTER, takes_tail=False),
    "kling-v1-6": Model(_OLD),
    "kling-v1-5": Model(_OLD, families=frozenset({"image2video"})),
    "kling-v1": Model({"std": 0.2, "pro": 0.7}),
}

SWITCHED_OFF = frozenset({"kling-v1", "kling-v1-5", "kling-v1-6"})
