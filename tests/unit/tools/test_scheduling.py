"""Tests of stacks and all others have processes of their own, however many there are."""

import pytest

from tests.support.scheduling import takes_files


@pytest.mark.parametrize("processes", range(2, 9))
def test_there_are_processes_of_both_kinds(processes: int) -> None:
    assert {takes_files(number, processes) for number in range(processes)} == {True, False}
