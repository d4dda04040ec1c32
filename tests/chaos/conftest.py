"""Histories of faults too long for every run: `make chaos`. They use the suite's own fixtures."""

from tests.films.conftest import studio
from tests.statemachines.conftest import workshop
from tests.videos.conftest import market

__all__ = ["market", "studio", "workshop"]
