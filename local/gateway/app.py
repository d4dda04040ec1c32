"""API Gateway: finds the route, calls the function, passes its answer back."""

import json
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from local.control.faults import Call, FaultBook
from local.gateway.event import GatewayRequest, proxy_event
from local.gateway.response import (
    Answer,
    MalformedResponse,
    function_answer,
    head,
    mock_answer,
    own_answer,
)
from local.gateway.routes import Api, Resource, Target
from local.lambdas.api import SYNCHRONOUS_LIMIT_BYTES
from local.lambdas.invocation import Outcome, Stream, Throttled
from local.lambdas.service import LambdaService
from local.server import DropConnection, Environ, StartResponse, client_gone

BODY_LIMIT_BYTES = 10 * 1024 * 1024
TOO_LONG = "Request Too Long"
"""What the gateway says where Lambda's limit is reached before its own."""
PRELUDE_END = b"\0" * 8
PRELUDE_LIMIT_BYTES = 64 * 1024
STREAM_TYPE = "application/vnd.awslambda.http-integration-response"
STREAM_IDLE_SECONDS = 300.0
WATCH_SECONDS = 0.2
THREADS = 256


class Gateway:
    """The WSGI application that clients talk to."""

    def __init__(
        self, api: Api, functions: LambdaService, account: str, log: Path, faults: FaultBook
    ) -> None:
        self.api = api
        self.functions = functions
        self.account = account
        self.faults = faults
        self._log = log.open("a", buffering=1)
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="integration")

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answers one request."""
        path = environ["PATH_INFO"].encode("latin-1").decode("utf-8", errors="replace")
        prefix = f"/{self.api.stage}"
        if path != prefix and not path.startswith(f"{prefix}/"):
            body = b'{"message":"Forbidden"}'
            kind = ("Content-Type", "application/json")
            start_response("403 Forbidden", [kind, ("Content-Length", str(len(body)))])
            return [body]
        request = GatewayRequest(environ, self.api.stage, path[len(prefix) :] or "/", self.account)
        answer = self._answer(request)
        taken_ms = (time.time() - request.time) * 1000
        self._log.write(f"{request.method} {path} {answer.status} {taken_ms:.0f} ms {request.id}\n")
        return answer.send(request, start_response)

    def _answer(self, request: GatewayRequest) -> Answer:
        found = self.api.match(request.path)
        if found is None:
            return own_answer(self.api, request, "MISSING_AUTHENTICATION_TOKEN")
        resource, parameters = found
        if request.environ["showreel.body_too_large"]:
            return own_answer(self.api, request, "REQUEST_TOO_LARGE")
        target = resource.target(request.method)
        if target is None:
            return own_answer(self.api, request, "MISSING_AUTHENTICATION_TOKEN")
        if not self.api.throttle.takes(resource.path, request.method):
            return own_answer(self.api, request, "THROTTLED")
        if target.mock is not None:
            return mock_answer(target.mock, self.api, request, resource.path)
        return self._integrate(request, resource, target, parameters)

    def _integrate(
        self,
        request: GatewayRequest,
        resource: Resource,
        target: Target,
        parameters: dict[str, str],
    ) -> Answer:
        """Calls the function. What Lambda refuses is answered as AWS does: a request of more than
        6 MB is 413 "Request Too Long", not the 500 that the guide says of refused invocations; a
        throttled function is 500, one that fails is 502, both with the type INTEGRATION_FAILURE.

        https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html
        https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
        https://docs.aws.amazon.com/lambda/latest/dg/services-apigateway-errors.html
        Seen in answers: https://github.com/koki-develop/lgtm-generator/issues/10 (413),
        https://github.com/DataBiosphere/azul/issues/8192 (502).
        """
        folder = self.functions.pool(target.function).spec.folder
        request.environ["showreel.function"] = folder
        if self.faults.due(Call("gateway", request.method, folder)):
            return own_answer(self.api, request, "THROTTLED")
        event = proxy_event(request, self.api, resource.path, parameters)
        payload = json.dumps(event).encode()
        if len(payload) > SYNCHRONOUS_LIMIT_BYTES:
            return own_answer(self.api, request, "REQUEST_TOO_LARGE", message=TOO_LONG)
        deadline = time.monotonic() + target.timeout_seconds
        calling = self._threads.submit(self.functions.invoke, target.function, payload)
        try:
            outcome = calling.result(target.timeout_seconds)
            return self._passed_on(request, target, outcome, deadline)
        except TimeoutError:
            calling.add_done_callback(_leave_unread)
            return own_answer(self.api, request, "INTEGRATION_TIMEOUT")
        except MalformedResponse:
            return own_answer(self.api, request, "INTEGRATION_FAILURE", status=502)
        except Throttled:
            return own_answer(self.api, request, "INTEGRATION_FAILURE", status=500)

    def _passed_on(
        self, request: GatewayRequest, target: Target, outcome: Outcome, deadline: float
    ) -> Answer:
        if outcome.function_error is not None:
            raise MalformedResponse("the function failed")
        if target.streamed:
            return self._streamed(request, outcome, deadline)
        if outcome.stream is None:
            return function_answer(outcome.payload, self.api, request)
        whole = b"".join(outcome.stream)
        if outcome.stream.error_type is not None:
            raise MalformedResponse("the stream broke off")
        return function_answer(whole, self.api, request)

    def _streamed(self, request: GatewayRequest, outcome: Outcome, deadline: float) -> Answer:
        if outcome.stream is None or outcome.content_type.split(";")[0] != STREAM_TYPE:
            raise MalformedResponse("no stream with a prelude")
        reader = _StreamReader(outcome.stream, request, deadline)
        prelude, rest = reader.prelude()
        try:
            answer = head(json.loads(prelude))
        except ValueError:
            outcome.stream.close()
            raise MalformedResponse("the prelude is no JSON") from None
        answer.body = reader.body(rest)
        return answer

    def stop(self) -> None:
        """Takes no more requests."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._log.close()


def _leave_unread(calling: Future[Outcome]) -> None:
    """Lets a function that answers too late stream to its end."""
    if not calling.cancelled() and calling.exception() is None:
        stream = calling.result().stream
        if stream is not None:
            stream.close()


class _StreamReader:
    """Reads a function's stream for a client, until the client leaves or a limit is reached.

    The function is notified of neither.
    """

    def __init__(self, stream: Stream, request: GatewayRequest, deadline: float) -> None:
        self.stream = stream
        self.connection = request.environ["showreel.connection"]
        self.deadline = deadline

    def prelude(self) -> tuple[bytes, bytes]:
        """Returns what comes before eight NUL bytes, and what came after with it."""
        data = b""
        while PRELUDE_END not in data:
            chunk = self._next()
            if chunk is None or len(data) > PRELUDE_LIMIT_BYTES:
                self.stream.close()
                raise MalformedResponse("the stream has no prelude")
            data += chunk
        before, _, after = data.partition(PRELUDE_END)
        return before, after

    def body(self, first: bytes) -> Iterator[bytes]:
        """Yields the body, chunk by chunk. A stream that broke off breaks the connection off."""
        try:
            yield first
            while (chunk := self._next()) is not None:
                yield chunk
            if self.stream.error_type is not None:
                raise DropConnection
        except TimeoutError:
            raise DropConnection from None
        finally:
            self.stream.close()

    def _next(self) -> bytes | None:
        """Returns the next chunk. Raises DropConnection without a listener, TimeoutError if it is
        late.
        """
        idle_until = time.monotonic() + STREAM_IDLE_SECONDS
        while time.monotonic() < min(idle_until, self.deadline):
            try:
                return self.stream.next(WATCH_SECONDS)
            except TimeoutError:
                if client_gone(self.connection):
                    self.stream.close()
                    raise DropConnection from None
        self.stream.close()
        raise TimeoutError
