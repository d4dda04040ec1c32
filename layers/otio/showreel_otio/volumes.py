"""Converts a clip's volume between percent in timelines and decibels in files."""

import math

from showreel_otio.words import LOUDEST_DB, SILENT_DB


def decibels(percent: int) -> float:
    """Returns a volume in decibels; 0 percent is silence."""
    return 20 * math.log10(percent / 100) if percent else SILENT_DB


def percent(decibels: float, most: int) -> int:
    """Returns a volume in percent, at most `most`."""
    bounded = min(max(decibels, SILENT_DB), LOUDEST_DB)
    return min(most, round(100 * 10 ** (bounded / 20)))
