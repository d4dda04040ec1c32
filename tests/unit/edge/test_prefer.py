"""How long a call waits, as RFC 7240 has it."""

import pytest

from showreel.edge.prefer import waiting


@pytest.mark.parametrize(
    ("prefer", "seconds", "applied"),
    [
        ("", 55, None),
        ("respond-async", 0, "respond-async"),
        ("RESPOND-ASYNC;x=1", 0, "respond-async"),
        ("wait=10", 10, "wait=10"),
        ("wait=0", 0, "wait=0"),
        ('Wait = "10" ; really', 10, "wait=10"),
        ("wait=600", 55, "wait=55"),
        ("respond-async, wait=10", 10, "respond-async, wait=10"),
        ("handling=lenient, wait=10, wait=20", 10, "wait=10"),
        ('return="a, wait=3", wait=10', 10, "wait=10"),
        ("wait", 55, None),
        ("wait=-1", 55, None),
        ("wait=1.5", 55, None),
        ("wait=ten", 55, None),
        ("wait=٣", 55, None),
        ("wait=" + "9" * 400, 55, None),
        ('wait="10', 55, None),
        ('"' * 499, 55, None),
        ("wait=10," + " " * 600, 55, None),
    ],
)
def test_a_preference_that_can_be_read_counts(
    prefer: str, seconds: int, applied: str | None
) -> None:
    assert waiting(prefer, 55) == (seconds, applied)
