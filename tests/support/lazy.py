"""Packages that take long to import and that few of a run's processes need."""

import importlib
from typing import Any


class Lazy:
    """A module that is imported at its first use: several processes read a file, one runs it."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, attribute: str) -> Any:
        if attribute.startswith("__"):  # pytest asks every name of a file whether it wraps another
            raise AttributeError(attribute)
        return getattr(importlib.import_module(self._name), attribute)
