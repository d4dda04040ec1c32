"""The committed OpenAPI document, and whether an answer is one that it defines."""

import functools
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jsonschema_rs

FILE = Path(__file__).parents[2] / "docs" / "api" / "openapi.json"
DOCUMENT: dict[str, Any] = json.loads(FILE.read_text())
JSON, EVENTS, DONE = "application/json", "text/event-stream", "[DONE]"
CALLER = "caller"
"""The name under which the ids for a path's parameters have the caller's own."""
DIALECT = "https://json-schema.org/draft/2020-12/schema"


@dataclass(frozen=True)
class Operation:
    """One method of one path."""

    method: str
    path: str

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def definition(self) -> Mapping[str, Any]:
        """The Operation Object of the document."""
        definition: Mapping[str, Any] = DOCUMENT["paths"][self.path][self.method.lower()]
        return definition

    @property
    def names(self) -> list[str]:
        """Names of the path's parameters."""
        return re.findall(r"{(\w+)}", self.path)

    @property
    def queries(self) -> list[str]:
        """Names of the query's parameters."""
        return [one["name"] for one in self.definition["parameters"] if one.get("in") == "query"]

    @property
    def body(self) -> Any:
        """The schema of its body, None without one."""
        content = self.definition.get("requestBody", {}).get("content", {})
        return resolved(content[JSON]["schema"]) if content else None

    @property
    def fields(self) -> list[str]:
        """Names of the body's fields."""
        return [*(self.body or {}).get("properties", {})]

    @property
    def is_open(self) -> bool:
        """Whether it asks for no token."""
        return not self.definition["security"]

    def filled(self, ids: Mapping[str, str], default: str = "missing") -> str:
        """Returns the path with these ids."""
        return re.sub(r"{(\w+)}", lambda name: ids.get(name[1], default), self.path)

    def answer(self, status: int) -> Any:
        """The definition of an answer with the status. Raises AssertionError if there is none."""
        found = self.definition["responses"].get(str(status))
        assert found is not None, f"{self} answers {status}, which its document does not define"
        return resolved(found)

    @functools.cached_property
    def pattern(self) -> re.Pattern[str]:
        """What requests of it have as their path."""
        parts = re.split(r"{\w+}", self.path)
        return re.compile("[^/]+".join(map(re.escape, parts)) + r"\Z")


def resolved(node: Any) -> Any:
    """Follows a reference."""
    while "$ref" in node:
        place: Any = DOCUMENT
        for name in node["$ref"].removeprefix("#/").split("/"):
            place = place[name]
        node = place
    return node


OPERATIONS = [
    Operation(method.upper(), path)
    for path, methods in DOCUMENT["paths"].items()
    for method in methods
]


@functools.lru_cache(4096)
def operation_of(method: str, path: str) -> Operation | None:
    """The operation of a request, None if there is no such."""
    found = [one for one in OPERATIONS if one.method == method and one.pattern.match(path)]
    return min(found, key=lambda one: len(one.names), default=None)


def check(method: str, path: str, status: int, content_type: str, body: str | bytes) -> None:
    """Raises AssertionError for an answer that the document doesn't define."""
    operation = operation_of(method, path)
    if operation is None:
        return
    content = operation.answer(status).get("content")
    if method == "HEAD":
        return
    if content is None:
        assert not body, f"{operation} answers {status} with a body"
        return
    kind = content_type.partition(";")[0]
    assert kind in content, f"{operation} answers {status} as {kind}"
    if kind == JSON:
        validate(operation, content[JSON]["schema"], json.loads(body))
    elif kind == EVENTS:
        text = body.decode() if isinstance(body, bytes) else body
        for event in events_of(text):
            validate(operation, _event_schema(content[EVENTS]["schema"], *event), event[1])


def events_of(text: str) -> Iterator[tuple[str, Any]]:
    """Yields name and data of every whole event; a stream without names has `message`s."""
    for block in text.split("\n\n")[:-1]:
        lines = [line.partition(": ") for line in block.split("\n") if not line.startswith(":")]
        fields = {name: value for name, _, value in lines}
        if "data" in fields:
            data = fields["data"]
            yield fields.get("event", "message"), data if data == DONE else json.loads(data)


def _event_schema(schema: Any, name: str, data: Any) -> Any:
    for one in schema.get("anyOf", [schema]):
        held = one["properties"]["data"]
        if data == DONE and held == {"const": DONE}:
            return held
        if one["properties"].get("event", {"const": "message"})["const"] == name:
            return held["contentSchema"]
    raise AssertionError(f"no event {name} is defined")


def validate(where: object, schema: Any, value: Any) -> None:
    """Raises AssertionError for a value that isn't of the schema."""
    fault = next(_validator(schema).iter_errors(value), None)
    if fault is not None:
        place = "/".join(map(str, fault.instance_path))
        raise AssertionError(f"{where}: {place}: {fault.message[:600]}")


def _validator(schema: Any) -> Any:
    """What validates this part of the document."""
    made = _validators.get(id(schema))
    if made is None:
        whole = {"$schema": DIALECT, "components": DOCUMENT["components"], **schema}
        made = _validators[id(schema)] = schema, jsonschema_rs.validator_for(whole)
    return made[1]


_validators: dict[int, tuple[Any, Any]] = {}
"""By the identity of their schemas, which are kept with them."""
