"""Imports libraries without loading what isn't used.

Powertools' packages import every kind of resolver, event, metric and tracer, and asyncio for one of
them: 45 ms of a first request's 300. Here they are registered without running their `__init__`; a
name that it would import is imported from its own module on first access.

botocore imports an HTML parser for docstrings of clients' methods; pydantic and urllib3 import what
reads the metadata of distributions, to look for plugins, which `PYDANTIC_DISABLE_PLUGINS` rules
out, and for HTTP/2, which botocore doesn't speak: 20 ms. In Lambda none of them is imported at
first. Whoever asks such a module for a name that isn't known here, as boto3 does, runs its source.
"""

import functools
import importlib
import importlib.util
import os
import re
import sys
from collections.abc import Mapping
from importlib.machinery import ModuleSpec, PathFinder
from itertools import accumulate
from pathlib import Path
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
    """Registers `PACKAGES`, and in Lambda the other modules, if not imported yet; call it before
    anything imports them.
    """
    for name in PACKAGES:
        _enter(name)
    if "AWS_LAMBDA_FUNCTION_NAME" not in os.environ:
        return
    for name in ("botocore.docs", "urllib3.http2"):
        _enter(name)
    _enter("botocore.docs.docstring", dict.fromkeys(DOCSTRINGS, _Docstring))
    if os.environ.get("PYDANTIC_DISABLE_PLUGINS") == "__all__":
        _enter("pydantic.plugin._loader", {"get_plugins": tuple})


class _Docstring(str):
    """The docstring of a client's method: none."""

    __slots__ = ()

    def __new__(cls, *_arguments: object, **_named: object) -> Self:
        return super().__new__(cls)


def _enter(name: str, stand_ins: Mapping[str, object] | None = None) -> None:
    """Registers a module that runs its source when a name is missing that it neither imports from
    elsewhere nor has in `stand_ins`.
    """
    if name in sys.modules:
        return
    spec = _found(name)
    if spec is None or spec.origin is None or spec.loader is None:
        raise ModuleNotFoundError(name, name=name)
    loader, origin = spec.loader, Path(spec.origin)
    module = importlib.util.module_from_spec(spec)

    def look_up(attribute: str) -> object:
        home = None if stand_ins else _homes(origin).get(attribute)
        if home is not None:
            found = getattr(importlib.import_module(home, name), attribute)
            setattr(module, attribute, found)  # over a module of the same name, as `__init__` does
            return found
        part = PathFinder.find_spec(f"{name}.{attribute}", spec.submodule_search_locations or [])
        if part or attribute.startswith("__"):  # Python imports a module when this raises
            raise AttributeError(attribute, name=attribute, obj=module)
        del module.__getattr__
        loader.exec_module(module)
        return getattr(module, attribute)

    vars(module).update(stand_ins or {})
    module.__getattr__ = look_up  # type: ignore[method-assign]  # PEP 562
    sys.modules[name] = module
    parent, _, own = name.rpartition(".")
    if parent in sys.modules:
        setattr(sys.modules[parent], own, module)


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
        for module, names in IMPORT.findall(source.read_text("utf-8"))
        for name in re.findall(r"\w+", names)
    }
