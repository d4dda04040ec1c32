"""The HTTP edge: one resolver per function, one envelope for every error, strict JSON in.

Every route is checked in the same order: who calls, the ids in the path, the body's content type,
its JSON, its fields.

A function is `app = api()`, `handler = app.resolve` and typed routes that make one call each.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import unquote

from aws_lambda_powertools.event_handler import APIGatewayRestResolver, CORSConfig
from aws_lambda_powertools.event_handler import Response as AnyResponse
from aws_lambda_powertools.event_handler.api_gateway import Route
from aws_lambda_powertools.event_handler.exceptions import ServiceError
from aws_lambda_powertools.event_handler.openapi.exceptions import RequestValidationError
from pydantic import BaseModel

from showreel.core.errors import (
    AppError,
    InsufficientCredits,
    InvalidInput,
    NotFound,
    RateLimited,
    Transient,
    UnsupportedType,
    public_error,
)
from showreel.core.observability import begin, logger
from showreel.core.settings import PublicUrl, Variable, settings

__all__ = [
    "Response",
    "api",
    "base_url",
    "dump_json",
    "envelope",
    "idempotency_header",
    "json_response",
    "source_address",
    "strict_json",
]

Response = AnyResponse[Any]
"""An answer with its own status and headers."""
Authenticate = Callable[[APIGatewayRestResolver], object]
"""Raises an AppError for an unknown caller; `identity.current_caller` is one of these."""
JSON = "application/json"
PATH_ID = re.compile(r"[A-Za-z0-9_-]{1,128}(\.[a-z0-9]{1,5})?\Z")
MAX_USER_ID_BYTES = 255
OURS = "Value error, "
"""Pydantic's prefix of the texts of our own checks."""
MAX_JSON_DEPTH = 40
RETRY_SECONDS = 1
"""The `Retry-After` of a temporary fault of our own infrastructure."""
MAX_AGE_SECONDS = 86_400
ALLOW_HEADERS = (
    "authorization, x-client-info, apikey, content-type, x-region, x-retry-count, accept, "
    "last-event-id, idempotency-key, prefer, traceparent, tracestate, baggage, trigger-version, "
    "x-trigger-api-version, x-trigger-electric-version, x-trigger-branch, if-none-match, range, "
    "x-trigger-realtime-streams-version, x-trigger-source, x-trigger-request-idempotency-key"
).split(", ")
EXPOSE_HEADERS = (
    "electric-offset, electric-handle, electric-schema, electric-cursor, electric-up-to-date, "
    "etag, link, location, retry-after, idempotent-replayed"
).split(", ")


class Http(PublicUrl):
    """The settings of every HTTP function."""

    allowed_origin = Variable(str, default="*")


def api(authenticate: Authenticate | None = None) -> APIGatewayRestResolver:
    """Returns a resolver with validation, CORS answers and the error envelope.

    With `authenticate`, a request's ids and body are checked only for an authenticated caller.
    """
    origin = settings(Http).allowed_origin
    cors = CORSConfig(
        allow_origin=origin,
        allow_headers=ALLOW_HEADERS,
        expose_headers=EXPOSE_HEADERS,
        max_age=MAX_AGE_SECONDS,
        allow_credentials=origin != "*",
    )
    app = _Api(
        authenticate,
        cors=cors,
        enable_validation=True,
        json_body_deserializer=strict_json,
        serializer=dump_json,
    )
    app.exception_handler(AppError)(lambda error: _answer(app, error))
    app.exception_handler(RequestValidationError)(lambda error: _answer(app, _invalid(error)))
    app.exception_handler(ServiceError)(lambda error: _answer(app, _service(error)))
    app.exception_handler(Exception)(lambda error: _opaque(app, error))
    app.not_found(lambda _: _answer(app, NotFound("Not found")))
    return app


class _Api(APIGatewayRestResolver):
    """A resolver that checks every request before its route, and adds the request id of the error
    envelope to log lines.
    """

    def __init__(self, authenticate: Authenticate | None, **options: Any) -> None:
        super().__init__(**options)
        self._authenticate = authenticate

    def resolve(self, event: Mapping[str, Any], context: Any) -> dict[str, Any]:
        begin(request_id=(event.get("requestContext") or {}).get("requestId"))
        return super().resolve(event, context)

    def _call_route(self, route: Route, route_arguments: dict[str, str]) -> Any:
        """Checks the request first: Powertools validates it before any middleware could."""
        try:
            self._check(route, route_arguments)
        except Exception as error:
            answer = self._call_exception_handler(error, route)
            if answer is None:
                raise
            return answer
        return super()._call_route(route, route_arguments)

    def _check(self, route: Route, path_arguments: Mapping[str, str]) -> None:
        """Raises what `authenticate` raises, NotFound for an impossible id, UnsupportedType.

        Every id of a path that gets past this has the form of our ids and fits into a key.
        """
        if self.current_event.http_method == "OPTIONS":
            return
        if self._authenticate is not None:
            self._authenticate(self)
        if not all(is_path_id(name, value) for name, value in path_arguments.items()):
            raise NotFound("Not found")
        if route.dependant.body_params and not self._is_json():
            raise UnsupportedType(f"The body must be {JSON}")

    def _is_json(self) -> bool:
        """Returns whether the content type is JSON or missing. Rewrites the header to the bare type
        in lower case, the only form that Powertools knows.
        """
        sent = self.current_event.raw_event.get("headers") or {}
        for name in [name for name in sent if name.lower() == "content-type"]:
            kind = sent[name].partition(";")[0].strip().lower()
            if kind not in {"", JSON} or sent[name].lstrip().startswith(";"):
                return False
            sent[name] = kind
        return True


def is_path_id(name: str, value: str) -> bool:
    """Returns whether the path's parameter `name` may have this value.

    Users' ids are the issuer's and come percent-encoded; all other ids are ours.
    """
    if name != "user_id":
        return bool(PATH_ID.match(value))
    user_id = unquote(value)
    return user_id.isprintable() and 1 <= len(user_id.encode()) <= MAX_USER_ID_BYTES


def json_response(
    status: int, body: BaseModel | dict[str, Any] | list[Any], **headers: str
) -> Response:
    """Returns a JSON answer with this status; models are dumped by alias."""
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return Response(status, content_type=JSON, body=dump_json(body), headers=names)


def dump_json(body: Any) -> str:
    """Returns JSON that every client reads: camelCase aliases, no NaN, non-ASCII unescaped."""
    return json.dumps(body, default=_plain, ensure_ascii=False, allow_nan=False)


def _plain(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json", by_alias=True)
    raise TypeError(f"{type(value).__name__} is not JSON")


def base_url(app: APIGatewayRestResolver) -> str:
    """Returns the base of our URLs: the configured one, or this request's domain and stage."""
    configured = settings(Http).public_base_url
    if configured:
        return str(configured).rstrip("/")
    context = app.current_event.request_context
    stage = f"/{context.stage}"
    own_path = str(context.path or "").startswith(f"{stage}/")
    return f"https://{context.domain_name}{stage if own_path else ''}"


def source_address(app: APIGatewayRestResolver) -> str:
    """Returns the client's address as the gateway saw it; empty if it doesn't say."""
    identity = app.current_event.raw_event["requestContext"].get("identity") or {}
    return str(identity.get("sourceIp") or "")


def strict_json(text: str) -> Any:
    """Parses JSON. Raises InvalidInput `invalid_json`, also for duplicate keys, NaN, numbers beyond
    a double, lone surrogates and nesting beyond 40.
    """
    try:
        value = json.loads(text, object_pairs_hook=_unique, parse_constant=_no_constant)
        _check(value, MAX_JSON_DEPTH)
    except (ValueError, RecursionError) as error:
        raise InvalidInput(
            "The body is not valid JSON", code="invalid_json", field="body"
        ) from error
    return value


def _unique(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError("duplicate key")
    return value


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _check(value: Any, depth: int) -> None:
    if depth == 0:
        raise ValueError("nested too deeply")
    if isinstance(value, float) and value in {float("inf"), float("-inf")}:
        raise ValueError("a number beyond all bounds")
    if isinstance(value, str):
        value.encode("utf-8")
    elif isinstance(value, dict):
        for key, inner in value.items():
            key.encode("utf-8")
            _check(inner, depth - 1)
    elif isinstance(value, list):
        for inner in value:
            _check(inner, depth - 1)


def envelope(error: AppError, request_id: str) -> dict[str, Any]:
    """Returns an error's body. `details` may overwrite `error` where a document says so."""
    body = {"success": False, "error": error.message, "code": error.code, "message": error.message}
    return body | {"requestId": request_id} | error.details


def _answer(app: APIGatewayRestResolver, error: AppError) -> Response:
    if error.status >= 500:
        logger().warning("request failed", code=error.code, error=type(error).__name__)
    headers: dict[str, str | list[str]] = {}
    if isinstance(error, RateLimited | Transient):
        headers["Retry-After"] = str(getattr(error, "retry_after_seconds", RETRY_SECONDS))
    if isinstance(error, InvalidInput):
        error.about("body" if app.current_event.body else "query")
    if isinstance(error, InsufficientCredits):
        error.details.setdefault("top_up_url", f"{base_url(app)}/api/credits")
    body = envelope(public_error(error), str(app.current_event.request_context.request_id or ""))
    return Response(error.status, JSON, dump_json(body), headers=headers)


def _invalid(error: RequestValidationError) -> InvalidInput:
    details = [
        {
            "field": ".".join(str(part) for part in fault["loc"][1:]),
            "message": fault["msg"].removeprefix(OURS),
        }
        for fault in error.errors()
    ]
    first = f"{details[0]['field']}: {details[0]['message']}" if details else "Invalid input"
    return InvalidInput(first.lstrip(": "), details={"details": details})


def _service(error: ServiceError) -> AppError:
    missing = error.status_code == 404
    return NotFound("Not found") if missing else InvalidInput("The request can't be read")


def _opaque(app: APIGatewayRestResolver, error: Exception) -> Response:
    logger().exception("unexpected error", exc_info=error)
    return _answer(app, AppError("Internal error"))


def idempotency_header(app: APIGatewayRestResolver) -> str | None:
    """Returns the `Idempotency-Key`, or None. Raises InvalidInput `bad_key` unless it has 1-255
    printable ASCII characters.
    """
    key = app.current_event.headers.get("idempotency-key")
    if key is not None and not (1 <= len(key) <= 255 and key.isascii() and key.isprintable()):
        raise InvalidInput(
            "Idempotency-Key must be 1-255 printable characters",
            code="bad_key",
            field="Idempotency-Key",
        )
    return key
