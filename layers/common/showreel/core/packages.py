"""Imports Powertools without loading what isn't used.

Its packages import every kind of resolver, event, metric and tracer, and asyncio for one of them:
45 ms of a first request's 300. Here they are registered without running their `__init__`; a name
that it would import is imported from its own module on first access.
"""

import functools
import importlib
import importlib.util
import re
import sys
from pathlib import Path

PACKAGES = (
    "aws_lambda_powertools",
    "aws_lambda_powertools.event_handler",
    "aws_lambda_powertools.event_handler.openapi",
    "aws_lambda_powertools.utilities.data_classes",
)
IMPORT = re.compile(r"^from (\S+) import (\([^)]*\)|.*)$", re.MULTILINE)


def enter_packages() -> None:
    """Registers `PACKAGES`, if not imported yet; call it before anything imports Powertools."""
    for name in PACKAGES:
        if name not in sys.modules:
            _enter(name)


def _enter(name: str) -> None:
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(name, name=name)
    package = importlib.util.module_from_spec(spec)
    origin = Path(spec.origin)

    def look_up(attribute: str) -> object:
        homes = _homes(origin)
        if attribute not in homes:
            raise AttributeError(attribute, name=attribute, obj=package)
        found = getattr(importlib.import_module(homes[attribute], name), attribute)
        setattr(package, attribute, found)  # over a module of the same name, as `__init__` does
        return found

    package.__getattr__ = look_up  # type: ignore[method-assign]  # PEP 562
    sys.modules[name] = package
    parent, _, own = name.rpartition(".")
    if parent:
        setattr(sys.modules[parent], own, package)


@functools.cache
def _homes(source: Path) -> dict[str, str]:
    """Returns the module that each name in the source is imported from."""
    return {
        name: module
        for module, names in IMPORT.findall(source.read_text())
        for name in re.findall(r"\w+", names)
    }
