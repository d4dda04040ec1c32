"""Tests of hundreds of values, each as one test that reports every value that fails."""

from collections.abc import Callable, Iterable
from typing import Any

import pytest


def for_each[T](
    values: Iterable[T], label: Callable[[T], str] = str
) -> Callable[[Callable[[T], None]], Callable[[], None]]:
    """Runs the test with each value; fails at its end with all failures, each with its label.

    In place of a parametrisation, which would make every value a test of its own to collect, set
    up, report and take down.
    """
    listed = list(values)
    assert listed, "a test of nothing can't fail"

    def decorate(check: Callable[[T], None]) -> Callable[[], None]:
        def test() -> None:
            failures = [failure for value in listed if (failure := _failure(check, value, label))]
            if failures:
                raise BaseExceptionGroup(f"{len(failures)} of {len(listed)} failed", failures)

        for name in ("__name__", "__qualname__", "__doc__", "__module__"):
            setattr(test, name, getattr(check, name))
        return test

    return decorate


def _failure(check: Callable[[Any], None], value: Any, label: Callable[[Any], str]) -> Any:
    try:
        check(value)
    except (Exception, pytest.fail.Exception) as error:  # noqa: BLE001  # raised at the end
        error.add_note(f"with {label(value)}")
        return error
    return None
