"""The runtime loop: takes an event, runs the handler, sends its answer, for ever."""

import contextlib
import importlib
import traceback
from collections.abc import Callable, Iterator
from typing import Any

from showreel.core.settings import LambdaRuntime, settings
from showreel.edge.streaming.answers import StreamedAnswer, buffered, prelude, streamed
from showreel.edge.streaming.context import context_of
from showreel.edge.streaming.runtime_api import Invocation, NotTaken, RuntimeApi

Handler = Callable[[dict[str, Any], Any], Any]


def run(handler_path: str) -> None:
    """Serves `module.function` until the process is stopped."""
    runtime = settings(LambdaRuntime)
    api = RuntimeApi(runtime.aws_lambda_runtime_api)
    try:
        handler = load(handler_path)
    except BaseException as error:
        api.fail_init(error)
        raise
    while True:
        serve(api, api.next(), handler, runtime)


def load(handler_path: str) -> Handler:
    """Returns the function behind `app.handler` or `package/app.handler`."""
    module, _, name = handler_path.rpartition(".")
    handler: Handler = getattr(importlib.import_module(module.replace("/", ".")), name)
    return handler


def serve(
    api: RuntimeApi, invocation: Invocation, handler: Handler, runtime: LambdaRuntime
) -> None:
    """Answers one invocation; nothing that happens in it ends the loop."""
    if not is_request(invocation.event):
        api.respond(invocation.request_id, None)
        return
    try:
        answer = streamed(handler(invocation.event, context_of(invocation, runtime)))
        _send(api, invocation.request_id, answer, whole=runtime.aws_sam_local)
    except NotTaken:
        pass
    except Exception as error:  # noqa: BLE001 - reported to Lambda, whatever it is
        traceback.print_exc()
        api.fail(invocation.request_id, error)


def is_request(event: Any) -> bool:
    """Returns whether the event is an HTTP request; others, such as completion events, get no
    answer.
    """
    return isinstance(event, dict) and "httpMethod" in event


def _send(api: RuntimeApi, request_id: str, answer: StreamedAnswer, *, whole: bool) -> None:
    """Sends the answer; closes its body, so that its clean-up runs even if it isn't sent whole."""
    with contextlib.closing(_closable(answer.body)):
        if whole:
            api.respond(request_id, buffered(answer))
        else:
            api.stream(request_id, _chunks(answer))


def _chunks(answer: StreamedAnswer) -> Iterator[bytes]:
    yield prelude(answer)
    yield from answer.body


def _closable(body: Iterator[bytes]) -> Any:
    return body if hasattr(body, "close") else contextlib.ExitStack()
