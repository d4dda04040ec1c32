"""Putting our methods in the place of a library's."""

from typing import Any


def replace(owner: Any, **methods: Any) -> None:
    """Sets attributes of a class or module; typed as Any, since that is what patching is."""
    for name, method in methods.items():
        setattr(owner, name, method)
