"""What a route's code says of its answers: read from the syntax trees of the functions it reaches.

Names are resolved as Python would: in the function's imports, its own assignments and its module;
what a call gives is what the called function is annotated with, which mypy holds it to. What can't
be resolved is not guessed: see `described`.
"""

import ast
import functools
import inspect
import textwrap
import types
import typing
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass, field
from typing import Any

from showreel.core.errors import AppError
from showreel.edge.api import Response, json_response

OURS = ("showreel.", "showreel_otio", "openapi_")
"""Modules whose functions are read."""


@dataclass(frozen=True)
class Instance:
    """A value that is known by its type only."""

    of: Any


@dataclass
class Reading:
    """What was found: functions that may be called, errors they raise, answers of the route."""

    functions: set[Callable[..., Any]] = field(default_factory=set)
    errors: set[type[AppError]] = field(default_factory=set)
    answers: dict[int, Any] = field(default_factory=dict)
    """By status; None for an answer without a body."""

    def reaches(self, *functions: Callable[..., Any]) -> bool:
        """Returns whether one of the functions may be called."""
        return bool(self.functions & set(functions))


@dataclass(frozen=True)
class Part:
    """What one function says."""

    errors: tuple[type[AppError], ...]
    reached: tuple[tuple[Callable[..., Any], Any], ...]
    answers: tuple[tuple[int, Any], ...]


def read(route: Callable[..., Any], *before: Callable[..., Any]) -> Reading:
    """Reads a route's function and all it reaches; `before` are called before it."""
    found = Reading(answers=dict(_part(route, None).answers))
    waiting: list[tuple[Callable[..., Any], Any]] = [(one, None) for one in (route, *before)]
    while waiting:
        function, owner = waiting.pop()
        if function not in found.functions:
            found.functions.add(function)
            part = _part(function, owner)
            found.errors |= set(part.errors)
            waiting += part.reached
    return found


@functools.cache
def _part(function: Callable[..., Any], owner: Any) -> Part:
    scope = Scope.of(function, owner)
    if scope is None:
        return Part((), (), ())
    return Part(tuple(scope.raised()), tuple(scope.reached()), tuple(scope.answers()))


class Scope:
    """One function's names."""

    def __init__(self, function: Callable[..., Any], tree: ast.FunctionDef, owner: Any) -> None:
        self._nodes = list(ast.walk(tree))
        self._globals = inspect.unwrap(function).__globals__
        self._locals: dict[str, ast.expr] = {}
        self._known: dict[str, Any] = {}
        self._busy: set[str] = set()
        hints = hints_of(function)
        arguments = [*tree.args.posonlyargs, *tree.args.args, *tree.args.kwonlyargs]
        for name in (argument.arg for argument in arguments):
            self._known[name] = Instance(hints[name]) if name in hints else None
        if owner is not None and arguments:
            self._known[arguments[0].arg] = Instance(owner)
        for node in self._nodes:
            self._bind(node)

    @classmethod
    def of(cls, function: Callable[..., Any], owner: Any) -> "Scope | None":
        """Returns the scope of a function of ours, None for any other."""
        try:
            tree = _tree(inspect.unwrap(function))
        except (OSError, TypeError):
            return None
        return cls(function, tree, owner) if tree is not None else None

    def _bind(self, node: ast.AST) -> None:
        if isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                value = _imported(node.module, alias.name)
                self._known[alias.asname or alias.name] = value
        elif isinstance(node, ast.Assign) and len(node.targets) == 1:
            target, value = node.targets[0], node.value
            if isinstance(target, ast.Name):
                self._locals.setdefault(target.id, value)
            elif isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
                for one, given in zip(target.elts, value.elts, strict=False):
                    if isinstance(one, ast.Name):
                        self._locals.setdefault(one.id, given)

    def value(self, node: ast.expr) -> Any:
        """Returns what an expression stands for: an object, an Instance, or None."""
        match node:
            case ast.Name(id=name):
                return self._named(name)
            case ast.Attribute(value=inner, attr=name):
                return _attribute(self.value(inner), name)
            case ast.Call(func=called):
                return _called(self.value(called))
            case ast.Subscript(value=inner):
                return self.value(inner)
        return None

    def _named(self, name: str) -> Any:
        if name in self._known:
            return self._known[name]
        if name in self._locals and name not in self._busy:
            self._busy.add(name)
            value = self.value(self._locals[name])
            self._busy.discard(name)
            return value
        return self._globals.get(name)

    def reached(self) -> Iterator[tuple[Callable[..., Any], Any]]:
        """Yields the functions of ours that it names, with the class of those that are methods."""
        for node in self._nodes:
            if isinstance(node, ast.Name | ast.Attribute):
                yield from _functions(self.value(node), self._owner(node))

    def _owner(self, node: ast.expr) -> Any:
        inner = self.value(node.value) if isinstance(node, ast.Attribute) else None
        return class_of(inner.of) if isinstance(inner, Instance) else None

    def raised(self) -> Iterator[type[AppError]]:
        """Yields the errors that it raises, itself or made by a function."""
        for node in self._nodes:
            if isinstance(node, ast.Raise) and node.exc is not None:
                value = self.value(node.exc)
                kind = value.of if isinstance(value, Instance) else value
                if isinstance(kind, type) and issubclass(kind, AppError):
                    yield kind

    def answers(self) -> Iterator[tuple[int, Any]]:
        """Yields status and body type of every answer that it makes itself."""
        for node in self._nodes:
            if not isinstance(node, ast.Call) or not node.args:
                continue
            made = self.value(node.func)
            for status in _statuses(node.args[0]):
                if made is json_response:
                    body = self.value(node.args[1])
                    yield status, body.of if isinstance(body, Instance) else Any
                elif made is Response and len(node.args) == 1:
                    yield status, None


@functools.cache
def _tree(function: Any) -> ast.FunctionDef | None:
    if not getattr(function, "__module__", "").startswith(OURS):
        return None
    tree = ast.parse(textwrap.dedent(inspect.getsource(function))).body[0]
    return tree if isinstance(tree, ast.FunctionDef) else None


def hints_of(function: Any) -> dict[str, Any]:
    """Returns the annotations of a function, none if they can't be resolved."""
    return _hints(function) if isinstance(function, Hashable) else {}


@functools.cache
def _hints(function: Any) -> dict[str, Any]:
    try:
        return typing.get_type_hints(function)
    except (NameError, TypeError):
        return {}


def _imported(module: str, name: str) -> Any:
    loaded = __import__(module, fromlist=[name])
    return getattr(loaded, name, None)


def class_of(kind: Any) -> Any:
    """Returns the class that a type's values have, None if that is not one."""
    if isinstance(kind, types.UnionType):
        some = [one for one in typing.get_args(kind) if one is not types.NoneType]
        return class_of(some[0]) if len(some) == 1 else None
    origin = typing.get_origin(kind) or kind
    return origin if isinstance(origin, type) else None


def _attribute(base: Any, name: str) -> Any:
    if not isinstance(base, Instance):
        return _plain(inspect.getattr_static(base, name, None)) if base is not None else None
    owner = class_of(base.of)
    found = _plain(inspect.getattr_static(owner, name, None))
    if isinstance(found, property | functools.cached_property):
        getter = found.fget if isinstance(found, property) else found.func
        return Instance(hints_of(getter).get("return"))
    hint = hints_of(owner).get(name) if owner is not None else None
    return Instance(hint) if hint is not None else found


def _plain(found: Any) -> Any:
    return found.__func__ if isinstance(found, classmethod | staticmethod) else found


def _called(function: Any) -> Any:
    if isinstance(function, Instance) or function is None:
        return None
    if isinstance(function, type):
        return Instance(function)
    kind = hints_of(inspect.unwrap(function)).get("return")
    return Instance(kind) if kind is not None else None


def _functions(value: Any, owner: Any) -> Iterator[tuple[Callable[..., Any], Any]]:
    if isinstance(value, functools.partial):
        value = value.func
    value = inspect.unwrap(value) if callable(value) else value
    if isinstance(value, types.FunctionType | types.MethodType):
        function = value.__func__ if isinstance(value, types.MethodType) else value
        if function.__module__.startswith(OURS):
            yield function, owner


def _statuses(node: ast.expr) -> Iterator[int]:
    match node:
        case ast.Constant(value=int(status)):
            yield status
        case ast.IfExp(body=one, orelse=other):
            yield from _statuses(one)
            yield from _statuses(other)
