"""Lambda's Invoke over HTTP, as boto3 and Step Functions call it."""

import json
from collections.abc import Iterable
from urllib.parse import unquote

from local.lambdas.invocation import Outcome, Throttled, error_payload
from local.lambdas.service import LambdaService
from local.server import Environ, StartResponse

SYNCHRONOUS_LIMIT_BYTES = 6 * 1024 * 1024
ASYNCHRONOUS_LIMIT_BYTES = 1024 * 1024
PREFIX = "/2015-03-31/functions/"


def answer_invoke(
    service: LambdaService, environ: Environ, start_response: StartResponse
) -> Iterable[bytes]:
    """`POST /2015-03-31/functions/{name}/invocations`."""
    path = environ["PATH_INFO"]
    name, _, action = unquote(path.removeprefix(PREFIX)).rpartition("/")
    if not path.startswith(PREFIX) or action != "invocations":
        return _error(start_response, 501, "UnsupportedOperation", f"only Invoke: {path}")
    payload = environ["wsgi.input"].read() or b"{}"
    later = environ.get("HTTP_X_AMZ_INVOCATION_TYPE") == "Event"
    if len(payload) > (ASYNCHRONOUS_LIMIT_BYTES if later else SYNCHRONOUS_LIMIT_BYTES):
        return _error(start_response, 413, "RequestTooLargeException", "the payload is too large")
    try:
        if later:
            service.invoke_later(name, payload)
            return _send(start_response, "202 Accepted", b"", [])
        return _answer(start_response, service.invoke(name, payload))
    except KeyError:
        return _error(start_response, 404, "ResourceNotFoundException", f"no function {name}")
    except Throttled:
        return _error(start_response, 429, "TooManyRequestsException", "Rate Exceeded.")


def whole_payload(outcome: Outcome) -> tuple[bytes, str | None]:
    """Returns the payload, gathered if it is streamed, and the function error."""
    if outcome.stream is None:
        return outcome.payload, outcome.function_error
    payload = b"".join(outcome.stream)
    if outcome.stream.error_type is None:
        return payload, None
    return error_payload(outcome.stream.error_type, "the stream broke off"), "Unhandled"


def _answer(start_response: StartResponse, outcome: Outcome) -> Iterable[bytes]:
    payload, error = whole_payload(outcome)
    headers = [("X-Amz-Executed-Version", "$LATEST"), ("x-amzn-RequestId", outcome.request_id)]
    if error is not None:
        headers.append(("X-Amz-Function-Error", error))
    return _send(start_response, "200 OK", payload, headers)


def _error(start_response: StartResponse, status: int, code: str, message: str) -> Iterable[bytes]:
    body = json.dumps({"Type": "User", "Message": message}).encode()
    headers = [("x-amzn-ErrorType", code), ("x-amzn-RequestId", "local")]
    return _send(start_response, f"{status} {code}", body, headers)


def _send(
    start_response: StartResponse, status: str, body: bytes, headers: list[tuple[str, str]]
) -> Iterable[bytes]:
    common = [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
    start_response(status, common + headers)
    return [body]
