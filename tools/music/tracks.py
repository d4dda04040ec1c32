"""The built-in tracks: six short loops, each with its own mood."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tools.music import calm, lively
from tools.music.synth import Sound


@dataclass(frozen=True)
class Track:
    """A composition and how it is listed."""

    id: str
    name: str
    mood: str
    description: str
    tempo_bpm: int
    beats: int
    play: Callable[[], Sound]


TRACKS = (
    Track(
        "morning-light",
        "Morning Light",
        "calm",
        "Felt piano and distant strings",
        72,
        48,
        calm.morning_light,
    ),
    Track(
        "velvet-sofa",
        "Velvet Sofa",
        "warm",
        "Lo-fi tine piano over a lazy beat",
        80,
        48,
        lively.velvet_sofa,
    ),
    Track(
        "open-windows",
        "Open Windows",
        "bright",
        "Plucked strings, claps and a light tune",
        112,
        64,
        lively.open_windows,
    ),
    Track(
        "skyline",
        "Skyline",
        "cinematic",
        "Slow wide strings, a low pulse",
        64,
        40,
        calm.skyline,
    ),
    Track(
        "sunday-club",
        "Sunday Club",
        "upbeat",
        "House with organ stabs",
        122,
        80,
        lively.sunday_club,
    ),
    Track(
        "paper-lanterns",
        "Paper Lanterns",
        "playful",
        "A waltz for mallets and piano",
        96,
        54,
        calm.paper_lanterns,
    ),
)
