"""The API's one OpenAPI 3.1 document, put together from the handlers."""

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema

from showreel.core.errors import AppError, InvalidInput
from showreel.edge.api import MAX_USER_ID_BYTES, PATH_ID
from showreel.edge.streaming.opening import Opening
from tools.openapi import errors, examples, headers, security, streams, tags, webhooks
from tools.openapi.described import DESCRIBED, WIDER, Described
from tools.openapi.routes import Route, routes

Schema = dict[str, Any]
DESCRIPTION = """\
Stills and prompts in, finished videos out.

Lists are pages `{items, nextCursor}`. Fields and query parameters that aren't known are ignored. \
Every error has one envelope, `{success, error, code, message, requestId}`; `code` is stable, the \
texts are for people. A foreign id and a missing one give the same 404. A request with the same \
`Idempotency-Key` and body is carried out once.\
"""
REFERENCE = "#/components/schemas/{model}"
ID = {"type": "string", "pattern": f"^{PATH_ID.pattern.removesuffix(chr(92) + 'Z')}$"}
USER_ID = {"type": "string", "minLength": 1, "maxLength": MAX_USER_ID_BYTES}
PATH_TEXTS = {"user_id": "A user's id as their issuer gives it, percent-encoded"}
WEBHOOK_KEY, WEBHOOKS = "webhooks", tuple(webhooks.kinds())
UNSEEN = frozenset({500})
"""The status of `Condition failed` and the like; every route has it anyway."""


class Undescribed(ValueError):
    """A route of which neither code nor `described` says what it answers."""


def document() -> Schema:
    """Returns the document. Raises Undescribed."""
    found = routes()
    _check_described(found)
    schemas = Schemas(found)
    paths: dict[str, Schema] = {}
    for route in sorted(found, key=lambda one: (one.path, one.method)):
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, schemas)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Showreel",
            "version": "1",
            "description": DESCRIPTION,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/", "description": "Where this document comes from"}],
        "tags": tags.used(found),
        "paths": paths,
        "webhooks": webhooks.webhooks(schemas.of_webhooks),
        "components": {
            "schemas": dict(sorted((schemas.definitions | errors.SCHEMAS).items())),
            "parameters": headers.parameters(),
            "headers": dict(headers.ANSWERS),
            "responses": errors.responses(),
            "securitySchemes": security.SCHEMES,
        },
    }


def _check_described(found: list[Route]) -> None:
    unknown = sorted(set(DESCRIBED) - {route.key for route in found})
    if unknown:
        raise Undescribed(f"described, but no route: {', '.join(unknown)}")


def answers(route: Route) -> Mapping[int, Any]:
    """Returns the types of the bodies that aren't errors, by status. Raises Undescribed."""
    described = _described(route)
    bodies = {status: WIDER.get(kind, kind) for status, kind in route.reading.answers.items()}
    bodies = {**bodies, **described.bodies}
    loose = [status for status, kind in bodies.items() if kind in (Any, dict[str, Any])]
    is_other = described.events is not None or bool(described.files)
    is_stream = route.reading.reaches(Opening.open) and 200 not in bodies
    if loose or ((is_stream or not bodies) and not is_other):
        what = f"the body of {loose[0]}" if loose else "what it answers"
        raise Undescribed(f"{route.key}: say in tools/openapi/described.py {what}")
    return bodies


def _described(route: Route) -> Described:
    return DESCRIBED.get(route.key, Described())


class Generator(GenerateJsonSchema):
    """What a model answers has all its fields, also those with a default."""

    def field_is_required(self, field: Any, total: bool) -> bool:
        """Returns whether the field is always there."""
        if self.mode == "serialization" and field["type"] == "model-field":
            return not field.get("serialization_exclude")
        return super().field_is_required(field, total)


class Schemas:
    """The schemas of all bodies and events, made at once so that no two share a name."""

    def __init__(self, found: list[Route]) -> None:
        inputs = [(key, mode, TypeAdapter(kind)) for key, mode, kind in self._kinds(found)]
        self._schemas, shared = TypeAdapter.json_schemas(
            inputs, ref_template=REFERENCE, schema_generator=Generator
        )
        self.definitions: dict[str, Schema] = shared.get("$defs", {})

    @property
    def of_webhooks(self) -> dict[str, Schema]:
        """The schemas of webhooks' bodies by type of event."""
        return {
            name: dict(self._schemas[(WEBHOOK_KEY, name), "serialization"]) for name, _ in WEBHOOKS
        }

    @staticmethod
    def _kinds(found: list[Route]) -> Iterator[tuple[tuple[str, Any], Any, Any]]:
        for name, kind in WEBHOOKS:
            yield (WEBHOOK_KEY, name), "serialization", kind
        for route in found:
            if route.body is not None:
                yield (route.key, "body"), "validation", route.body
            for status, kind in answers(route).items():
                if kind is not None:
                    yield (route.key, status), "serialization", kind
            for name, kind in (_described(route).events or {}).items():
                if kind is not None:
                    yield (route.key, name), "serialization", kind

    def of(self, route: Route, what: Any, mode: Any = "serialization") -> Schema:
        """Returns the schema of the route's body, of an answer by status, or of an event."""
        return dict(self._schemas.get(((route.key, what), mode), {}))


def _operation(route: Route, schemas: Schemas) -> Schema:
    summary, text = route.sentences
    operation: Schema = {
        "tags": [tags.of(route)],
        "summary": summary,
        "description": text,
        "operationId": _operation_id(route),
        "security": security.of(route),
        "parameters": [*_path_parameters(route), *_parameters(route)],
    }
    if route.body is not None:
        content = {"schema": schemas.of(route, "body", "validation"), **examples.request(route)}
        operation["requestBody"] = {"required": True, "content": {"application/json": content}}
    operation["responses"] = _responses(route, schemas)
    return operation


def _operation_id(route: Route) -> str:
    name = f"{route.folder}_{route.function.__name__}"
    return f"{name}_head" if route.method == "HEAD" else name


def _path_parameters(route: Route) -> Iterator[Schema]:
    for name in route.names:
        schema = USER_ID if name == "user_id" else ID
        text = {"description": PATH_TEXTS[name]} if name in PATH_TEXTS else {}
        yield {"name": name, "in": "path", "required": True, **text, "schema": schema}


def _parameters(route: Route) -> Iterator[Schema]:
    for given in route.query:
        schema = {name: of for name, of in given["schema"].items() if name != "title"}
        yield {**given, "schema": schema}
    yield from security.parameters(route)
    for name in headers.read_by(route, _described(route)):
        yield {"$ref": f"#/components/parameters/{name}"}


def _responses(route: Route, schemas: Schemas) -> Schema:
    described, bodies = _described(route), answers(route)
    given: Schema = {}
    for status in sorted({*bodies, *described.files, *([200] if described.events else [])}):
        given[str(status)] = _answer(route, status, schemas)
    return given | errors.referred(_errors(route, described) - set(bodies))


def _answer(route: Route, status: int, schemas: Schemas) -> Schema:
    kind, events = answers(route).get(status), _described(route).events
    content: Schema = {}
    if kind is not None:
        shown = {"schema": schemas.of(route, status), **examples.response(route, status)}
        content["application/json"] = shown
    if events and status == 200:
        data = {name: schemas.of(route, name) for name in events}
        content["text/event-stream"] = {"schema": streams.schema(data), **examples.stream(route)}
    if status in _described(route).files:
        content[_described(route).files[status]] = {"schema": {"type": "string"}}
    sent = headers.sent_with(route, status)
    text = route.descriptions.get(status) or TEXTS[status]
    answer: Schema = {"description": text}
    return answer | ({"headers": sent} if sent else {}) | ({"content": content} if content else {})


TEXTS = {
    200: "Done",
    201: "Created",
    202: "Accepted: the work goes on",
    204: "Done; the answer has no body",
    302: "The file, for some minutes, at `Location`",
    303: "To the sound itself, for `Accept: audio/mpeg`",
    304: "The client has it",
}


def _errors(route: Route, described: Described) -> set[int]:
    """Returns the statuses of the errors that it can give."""
    raised: set[type[AppError]] = route.reading.errors
    statuses = {errors.status_of(kind) for kind in raised} | described.errors | errors.ALWAYS
    if route.body is not None:
        statuses |= errors.WITH_BODY
    if route.query or InvalidInput in raised:
        statuses |= {400}
    if route.names:
        statuses |= {404}
    return statuses
