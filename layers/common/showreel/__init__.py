"""Showreel: stills and prompts in, finished videos out. See docs/architecture.md for the rooms."""

import gc

from showreel.core.packages import enter_packages

gc.set_threshold(200_000, 20, 20)
"""A start allocates much and frees little: looking for cycles on the way took 20 of 400 ms."""
enter_packages()
