"""Cases of which `make test` tries some in the running stack, and `make chaos` all others.

For cases that take the same way through the stack, each of which costs seconds of a core, and whose
differences tests without a stack show.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import pytest


def first(count: int, cases: Iterable[Any]) -> Sequence[Any]:
    """Returns the cases for `parametrize`, all after the first `count` marked as deep."""
    tried = list(cases)
    return [*tried[:count], *(_deep(case) for case in tried[count:])]


def _deep(case: Any) -> Any:
    values = case if isinstance(case, tuple) else (case,)
    return pytest.param(*values, marks=pytest.mark.deep)
