"""Response streaming for Python on Lambda: a small runtime loop in place of the managed one.

A handler returns a `StreamedAnswer`, whose body is sent piece by piece, or an ordinary proxy dict.
"""

from showreel.edge.streaming.answers import StreamedAnswer

__all__ = ["StreamedAnswer"]
