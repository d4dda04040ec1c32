"""Carries out simple update expressions on the item itself, where moto rewrites a tree eight times.

Simple are: SET of a value, of `if_not_exists`, or of a sum or difference; REMOVE; ADD of a number;
all of them by paths of placeholders (`#a.#b`). Whatever else there is, and whatever may be a fault,
is left to moto.
"""

import copy
import functools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from moto.dynamodb import models
from moto.dynamodb.exceptions import ItemSizeTooLarge
from moto.dynamodb.models import dynamo_type
from moto.dynamodb.parsing import expressions

from local.aws.mending import replace

MOST_ITEM_BYTES = 405_000
"""moto's limit, as it was tried with the service (400 KB is documented)."""
_PATH, _VALUE = r"#\w+(?:\.#\w+)*", r":\w+"
_OPERAND = rf"if_not_exists\(\s*{_PATH}\s*,\s*{_VALUE}\s*\)|{_PATH}|{_VALUE}"
_FORMS = {
    "SET": re.compile(rf"({_PATH})\s*=\s*({_OPERAND})(?:\s*([+-])\s*({_OPERAND}))?"),
    "REMOVE": re.compile(rf"({_PATH})()()()"),
    "ADD": re.compile(rf"({_PATH})\s+({_VALUE})()()"),
}
_CLAUSE = re.compile(r"\s*\b(SET|REMOVE|ADD)\s+")
_COMMA = re.compile(r"\s*,\s*")
Path = tuple[str, ...]
_types: Any = dynamo_type


class _NotSimpleError(Exception):
    """moto has to look at it."""


@dataclass(frozen=True)
class Step:
    """One change: what is done with which path, and the words of its value."""

    verb: str
    path: Path
    left: str = ""
    operator: str = ""
    right: str = ""


def mend() -> None:
    """Puts this before moto's way through an update."""
    validates: Any = vars(models)["UpdateExpressionValidator"]
    executes: Any = vars(models)["UpdateExpressionExecutor"]
    parser: Any = vars(expressions)["UpdateExpressionParser"]
    parses = parser.make

    @functools.lru_cache(1024)
    def make(text: str) -> Any:
        made = parses(text)
        made.steps = steps_of(text)
        return made

    class Validator:
        """Finds out what an update changes."""

        def __init__(self, update_expression_ast: Any, **about: Any) -> None:
            self.expression, self.about = update_expression_ast, about

        def validate(self) -> Any:
            try:
                return Changes(self.expression.steps, **self.about)
            except _NotSimpleError:
                return validates(self.expression, **self.about).validate()

    def executor(found: Any, item: Any, names: Any) -> Any:
        return found if isinstance(found, Changes) else executes(found, item, names)

    replace(parser, make=make)
    replace(models, UpdateExpressionValidator=Validator, UpdateExpressionExecutor=executor)


def steps_of(text: str) -> tuple[Step, ...]:
    """Returns the steps of an expression, none if it isn't simple."""
    found = list(_steps(text))
    return tuple(step for step in found if step is not None) if None not in found else ()


def _steps(text: str) -> Iterator[Step | None]:
    """Yields the steps, and None where they end too early."""
    at = 0
    while at < len(text):
        clause = _CLAUSE.match(text, at)
        if clause is None:
            yield None
            return
        verb, at = clause[1], clause.end()
        while True:
            found = _FORMS[verb].match(text, at)
            if found is None:
                yield None
                return
            path, left, operator, right = found.groups()
            yield Step(verb, tuple(path.split(".")), left, operator or "", right or "")
            at = found.end()
            comma = _COMMA.match(text, at)
            if comma is None:
                break
            at = comma.end()
        at = len(text) - len(text[at:].lstrip())


class Changes:
    """What an update does to an item. Raises _NotSimpleError if moto has to find out."""

    def __init__(
        self,
        steps: tuple[Step, ...],
        *,
        expression_attribute_names: Mapping[str, str] | None,
        expression_attribute_values: Mapping[str, Any] | None,
        item: Any,
        table: Any,
    ) -> None:
        if not steps:
            raise _NotSimpleError
        self._names = expression_attribute_names or {}
        self._values = expression_attribute_values or {}
        self._attributes = item.attrs
        paths = [self._path(step.path) for step in steps]
        if overlap(paths):
            raise _NotSimpleError
        self._made = [
            (self._holder(path), path, self._value(step, path))
            for step, path in zip(steps, paths, strict=True)
        ]
        self._check_keys(table)

    def normalize(self) -> None:
        """Does nothing: the order of these steps doesn't matter."""

    def execute(self) -> None:
        """Changes the item. Raises ItemSizeTooLarge."""
        size = size_of_all(self._attributes)
        for _, path, value in self._made:
            if value is not None and size + size_of_all({path[-1]: value}) > MOST_ITEM_BYTES:
                raise ItemSizeTooLarge
        for holder, path, value in self._made:
            if value is None:
                holder.pop(path[-1], None)
            else:
                dict.__setitem__(holder, path[-1], value)

    def _path(self, words: Path) -> Path:
        try:
            return tuple(self._names[word] for word in words)
        except KeyError:
            raise _NotSimpleError from None

    def _holder(self, path: Path) -> Any:
        """Returns the attributes or the map in which the path ends."""
        holder = self._attributes
        for name in path[:-1]:
            found = holder.get(name)
            if found is None or found.type != "M":
                raise _NotSimpleError
            holder = found.value
        return holder

    def _value(self, step: Step, path: Path) -> Any:
        """Returns what the path becomes; None: it goes."""
        if step.verb == "REMOVE":
            return None
        value = self._operand(step.left)
        if step.verb == "ADD":
            before = self._holder(path).get(path[-1])
            return _sum(_types.DynamoType({"N": "0"}) if before is None else before, "+", value)
        return _sum(value, step.operator, self._operand(step.right)) if step.operator else value

    def _operand(self, words: str) -> Any:
        if words.startswith("if_not_exists"):
            first, second = words[words.index("(") + 1 : -1].split(",")
            found = self._found(first.strip())
            return self._operand(second.strip()) if found is None else found
        if words.startswith("#"):
            found = self._found(words)
            if found is None:
                raise _NotSimpleError
            return found
        if words not in self._values:
            raise _NotSimpleError
        return _types.DynamoType(self._values[words])

    def _found(self, words: str) -> Any:
        """Returns what a path holds before the update, None if nothing."""
        path = self._path(tuple(words.split(".")))
        return copy.deepcopy(self._holder(path).get(path[-1]))

    def _check_keys(self, table: Any) -> None:
        """Leaves to moto what may be no key of the table or of an index."""
        kinds = {one["AttributeName"]: one["AttributeType"] for one in table.attr}
        own = (table.hash_key_attr, table.range_key_attr)
        for _, path, value in self._made:
            if path[0] not in kinds:
                continue
            if path[0] in own or len(path) > 1:
                raise _NotSimpleError
            if value is not None and (value.type != kinds[path[0]] or not value.value):
                raise _NotSimpleError


def overlap(paths: list[Path]) -> bool:
    """Whether one of the paths is or holds another one."""
    known = set(paths)
    return len(known) < len(paths) or any(
        path[:length] in known for path in paths for length in range(1, len(path))
    )


def _sum(left: Any, operator: str, right: Any) -> Any:
    if (left.type, right.type) != ("N", "N"):
        raise _NotSimpleError
    return left + right if operator == "+" else left - right


def size_of(value: Any) -> int:
    """Returns the bytes of a text, number or bytes."""
    return len(value) if isinstance(value, bytes) else len(str(value).encode())


def size_of_all(attributes: dict[str, Any]) -> int:
    """Returns the bytes of an item's or a map's attributes with their names."""
    return sum(
        len(name.encode()) + (of.size() if type(of) is _types.DynamoType else size_of(of))
        for name, of in attributes.items()
    )
