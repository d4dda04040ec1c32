"""What worker processes of pytest-xdist report to the one that started them."""

from collections.abc import Iterable
from typing import Any, ClassVar

import pytest


class Report[T]:
    """A list that grows in every process; at the end the main process has all of it."""

    _all: ClassVar[dict[str, "Report[Any]"]] = {}

    def __init__(self, name: str) -> None:
        self._name = name
        self._key = pytest.StashKey[list[T]]()
        self._all[name] = self

    def add(self, config: pytest.Config, items: Iterable[T]) -> None:
        """Remembers what execnet can send: numbers, strings and tuples of them."""
        config.stash.setdefault(self._key, []).extend(items)

    def all(self, config: pytest.Config) -> list[T]:
        """What has been remembered so far."""
        return config.stash.get(self._key, [])

    @classmethod
    def send(cls, config: Any) -> None:
        """In a worker process, at its end."""
        config.workeroutput |= {name: one.all(config) for name, one in cls._all.items()}

    @classmethod
    def receive(cls, config: pytest.Config, output: dict[str, list[Any]]) -> None:
        """In the main process, when a worker has ended."""
        for name, one in cls._all.items():
            one.add(config, output.get(name, []))
