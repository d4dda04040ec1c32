"""Random histories: a few in every run of the tests, many more in `make chaos`."""

import os
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, settings

HISTORIES = settings(
    max_examples=int(os.environ.get("HISTORIES", "10")),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
"""For what costs a tenth of a second or more each."""


def random_histories[**P](test: Callable[P, None]) -> Callable[P, None]:
    """Marks a property test whose every example is a whole history."""
    marked: Callable[P, None] = pytest.mark.histories(HISTORIES(test))
    return marked
