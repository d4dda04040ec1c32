"""Imports libraries without loading what isn't used.

Powertools' packages import every kind of resolver, event, metric and tracer, and asyncio for one of
them: 45 ms of a first request's 300. Here they are registered without running their `__init__`; a
name that it would import is imported from its own module on first access.

botocore imports an HTML parser for docstrings of clients' methods; pydantic and urllib3 import what
reads the metadata of distributions, to look for plugins, which `PYDANTIC_DISABLE_PLUGINS` rules
out, and for HTTP/2, which botocore doesn't speak: 20 ms. In Lambda none of them is imported.
"""

import functools
import importlib
import importlib.util
import os
import re
import sys
from importlib.machinery import ModuleSpec, PathFinder
from itertools import accumulate
from pathlib import Path
from types import ModuleType
from typing import Self

PACKAGES = (
    "aws_lambda_powertools",
    "aws_lambda_powertools.event_handler",
    "aws_lambda_powertools.event_handler.openapi",
    "aws_lambda_powertools.utilities.data_classes",
)
DOCSTRINGS = ("ClientMethodDocstring", "PaginatorDocstring", "WaiterDocstring")
IMPORT = re.compile(r"^from (\S+) import (\([^)]*\)|.*)$", re.MULTILINE)


def enter_packages() -> None:
    """Registers `PACKAGES`, and in Lambda the empty modules, if not imported yet; call it before
    anything imports them.
    """
    for name in PACKAGES:
        _enter(name)
    if "AWS_LAMBDA_FUNCTION_NAME" not in os.environ:
        return
    for name in ("botocore.docs", "urllib3.http2"):
        _enter(name)
    _stand_in("botocore.docs.docstring", dict.fromkeys(DOCSTRINGS, _Docstring))
    if os.environ.get("PYDANTIC_DISABLE_PLUGINS") == "__all__":
        _stand_in("pydantic.plugin._loader", {"get_plugins": tuple})


class _Docstring(str):
    """The docstring of a client's method: none."""

    __slots__ = ()

    def __new__(cls, *_arguments: object, **_named: object) -> Self:
        return super().__new__(cls)


def _stand_in(name: str, attributes: dict[str, object]) -> None:
    if name not in sys.modules:
        module = ModuleType(name)
        vars(module).update(attributes)
        sys.modules[name] = module


def _enter(name: str) -> None:
    if name in sys.modules:
        return
    spec = _found(name)
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
    if parent in sys.modules:
        setattr(sys.modules[parent], own, package)


def _found(name: str) -> ModuleSpec | None:
    """Returns the spec of a module, without importing its parents."""
    spec, places = None, None
    for whole in accumulate(name.split("."), "{}.{}".format):
        spec = PathFinder.find_spec(whole, places)
        places = spec.submodule_search_locations if spec else []
    return spec


@functools.cache
def _homes(source: Path) -> dict[str, str]:
    """Returns the module that each name in the source is imported from."""
    return {
        name: module
        for module, names in IMPORT.findall(source.read_text())
        for name in re.findall(r"\w+", names)
    }
