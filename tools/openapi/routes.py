"""The routes that handlers declare, each with what its code says."""

import functools
import importlib.util
import inspect
import os
import re
import sys
import typing
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aws_lambda_powertools.event_handler.openapi.params import Body
from pydantic import BaseModel

from tools.openapi.reading import Reading, read

ROOT = Path(__file__).parents[2]
PREFIX = "openapi_"


@dataclass(frozen=True)
class Route:
    """One method of one path. `query` are its parameters as Powertools writes them."""

    folder: str
    method: str
    path: str
    function: Callable[..., Any]
    authenticate: Callable[..., Any] | None
    query: tuple[Mapping[str, Any], ...]
    descriptions: Mapping[int, str]
    """Descriptions of answers that the handler gives itself."""

    @property
    def key(self) -> str:
        """As `described` names it."""
        return f"{self.method} {self.path}"

    @property
    def names(self) -> list[str]:
        """Names of the path's parameters."""
        return re.findall(r"{(\w+)}", self.path)

    @functools.cached_property
    def reading(self) -> Reading:
        """What its code says, and that of what checks callers."""
        return read(self.function, *([self.authenticate] if self.authenticate else []))

    @property
    def body(self) -> Any:
        """What its body is: a model, or what is annotated as one; None without a body."""
        hints = inspect.get_annotations(self.function, eval_str=True).values()
        return next((one for one in hints if _is_body(one)), None)

    @property
    def sentences(self) -> tuple[str, str]:
        """Its docstring's first line and the whole. Raises ValueError without one."""
        text = inspect.getdoc(self.function)
        if not text:
            raise ValueError(f"{self.key} has no docstring")
        whole = re.sub(r"(?<!\n)\n(?!\n)", " ", text)
        return re.split(r"(?<=[.!?])\s|: |; ", whole)[0].rstrip(".:; "), whole


def _is_body(hint: Any) -> bool:
    if typing.get_origin(hint) is typing.Annotated:
        return any(isinstance(one, Body) for one in hint.__metadata__)
    return isinstance(hint, type) and issubclass(hint, BaseModel)


def routes() -> list[Route]:
    """Returns all routes of all functions."""
    os.environ.setdefault("POWERTOOLS_SERVICE_NAME", "showreel")
    paths = sorted((ROOT / "functions").glob("*/app.py"))
    return [route for path in paths if "@app." in path.read_text() for route in _of(path)]


def _of(path: Path) -> Iterator[Route]:
    name = f"{PREFIX}{path.parent.name}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ImportError(str(path))
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    app = module.app
    document = app.get_openapi_schema(title="Showreel", version="1").model_dump(
        mode="json", by_alias=True, exclude_none=True
    )
    for route in [*app._static_routes, *app._dynamic_routes]:  # noqa: SLF001 - no other way to them
        for method in [route.method] if isinstance(route.method, str) else route.method:
            operation = document["paths"][route.openapi_path][method.lower()]
            yield Route(
                folder=path.parent.name,
                method=method,
                path=route.openapi_path,
                function=route.func,
                authenticate=app._authenticate,  # noqa: SLF001
                query=tuple(one for one in operation.get("parameters", []) if one["in"] == "query"),
                descriptions={
                    int(status): given["description"]
                    for status, given in (route.responses or {}).items()
                },
            )
