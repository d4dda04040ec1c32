"""The runtime loop against a Runtime API: streamed, buffered, failing, left alone."""

import base64
import contextlib
import gzip
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from showreel.core.settings import LambdaRuntime
from showreel.edge.streaming import StreamedAnswer, loop
from showreel.edge.streaming.runtime_api import RuntimeApi

from .conftest import FakeRuntime, Post

REPOSITORY = Path(__file__).parents[4]
REQUEST = {"httpMethod": "POST", "path": "/functions/v1/gen-shots", "body": "{}"}
EVENTS = {"Content-Type": "text/event-stream"}


def serve(
    fake: FakeRuntime, handler: Any, event: Any = REQUEST, *, sam_local: bool = False
) -> None:
    runtime = LambdaRuntime()
    vars(runtime).update(
        aws_lambda_runtime_api=fake.address,
        aws_lambda_function_name="gen-shots",
        aws_lambda_function_version="$LATEST",
        aws_lambda_function_memory_size="128",
        aws_lambda_log_group_name="",
        aws_lambda_log_stream_name="",
        aws_sam_local=sam_local,
    )
    fake.events.put(event)
    with contextlib.closing(RuntimeApi(fake.address)) as api:
        loop.serve(api, api.next(), handler, runtime)


def parts(post: Post) -> tuple[dict[str, Any], bytes]:
    prelude, _, body = post.body.partition(b"\0" * 8)
    return json.loads(prelude), body


def test_a_body_goes_out_chunk_by_chunk_behind_its_prelude(runtime_api: FakeRuntime) -> None:
    def handler(event: Any, context: Any) -> StreamedAnswer:
        assert event == REQUEST
        assert context.aws_request_id == "request-1"
        assert context.function_name == "gen-shots"
        assert context.get_remaining_time_in_millis() > 1000
        return StreamedAnswer(200, EVENTS, iter([b"data: 1\n\n", b"", b"data: 2\n\n"]))

    serve(runtime_api, handler)
    post = runtime_api.post()
    assert post.path == "/2018-06-01/runtime/invocation/request-1/response"
    assert post.headers["lambda-runtime-function-response-mode"] == "streaming"
    assert post.headers["transfer-encoding"] == "chunked"
    assert post.headers["content-type"] == "application/vnd.awslambda.http-integration-response"
    assert post.chunks[1:] == [b"data: 1\n\n", b"data: 2\n\n"]
    assert parts(post)[0] == {"statusCode": 200, "headers": EVENTS}
    assert post.trailers == {}


def test_each_chunk_leaves_before_the_next_one_is_made(runtime_api: FakeRuntime) -> None:
    def body() -> Iterator[bytes]:
        for number in range(3):
            runtime_api.arrived.get(timeout=60)
            yield b"%d" % number

    serve(runtime_api, lambda *_: StreamedAnswer(200, EVENTS, body()))
    assert parts(runtime_api.post())[1] == b"012"


@pytest.mark.parametrize(
    ("answer", "body"),
    [
        ({"statusCode": 402, "headers": {"a": "b"}, "body": "{}"}, b"{}"),
        ({"statusCode": 402, "multiValueHeaders": {"a": ["b"]}, "body": "{}"}, b"{}"),
        (
            {"statusCode": 402, "headers": {"a": "b"}, "body": "AAE=", "isBase64Encoded": True},
            b"\0\1",
        ),
        ({"statusCode": 402, "headers": {"a": "b"}, "body": None}, b""),
    ],
)
def test_an_ordinary_answer_takes_the_same_form(
    runtime_api: FakeRuntime, answer: Any, body: bytes
) -> None:
    serve(runtime_api, lambda *_: answer)
    assert parts(runtime_api.post()) == ({"statusCode": 402, "headers": {"a": "b"}}, body)


def test_under_sam_local_the_whole_answer_is_one_proxy_dict(runtime_api: FakeRuntime) -> None:
    body = iter([b"data: \xc3\xa9\n\n", b"data: 2\n\n"])
    serve(runtime_api, lambda *_: StreamedAnswer(200, EVENTS, body), sam_local=True)
    post = runtime_api.post()
    assert "lambda-runtime-function-response-mode" not in post.headers
    assert json.loads(post.body) == {
        "statusCode": 200,
        "headers": EVENTS,
        "body": "data: é\n\ndata: 2\n\n",
        "isBase64Encoded": False,
    }


def test_under_sam_local_a_compressed_answer_is_in_base64(runtime_api: FakeRuntime) -> None:
    data = gzip.compress(b"{}")
    serve(runtime_api, lambda *_: StreamedAnswer(200, {}, iter([data])), sam_local=True)
    sent = json.loads(runtime_api.post().body)
    assert (base64.b64decode(sent["body"]), sent["isBase64Encoded"]) == (data, True)


def test_an_error_before_the_answer_is_reported_without_its_message(
    runtime_api: FakeRuntime, capfd: pytest.CaptureFixture[str]
) -> None:
    def handler(*_: Any) -> Any:
        raise ValueError("a secret")

    serve(runtime_api, handler)
    post = runtime_api.post()
    assert post.path.endswith("/invocation/request-1/error")
    assert post.headers["lambda-runtime-function-error-type"] == "Function.ValueError"
    assert json.loads(post.body)["errorType"] == "ValueError"
    assert b"secret" not in post.body
    assert "ValueError: a secret" in capfd.readouterr().err


def test_an_error_in_the_body_ends_it_with_trailers(
    runtime_api: FakeRuntime, capfd: pytest.CaptureFixture[str]
) -> None:
    def body() -> Iterator[bytes]:
        yield b"data: 1\n\n"
        raise KeyError("a secret")

    serve(runtime_api, lambda *_: StreamedAnswer(200, EVENTS, body()))
    post = runtime_api.post()
    assert parts(post)[1] == b"data: 1\n\n"
    assert post.trailers["lambda-runtime-function-error-type"] == "Function.KeyError"
    report = json.loads(base64.b64decode(post.trailers["lambda-runtime-function-error-body"]))
    assert report["errorType"] == "KeyError"
    assert "secret" not in json.dumps(report)


def test_a_body_that_lambda_takes_no_more_of_is_closed_and_the_loop_goes_on(
    runtime_api: FakeRuntime,
) -> None:
    closed = threading.Event()

    def body() -> Iterator[bytes]:
        try:
            while True:
                yield b"data: heartbeat\n\n" * 100
                time.sleep(0.005)
        finally:
            closed.set()

    runtime_api.hang_up_after = 2
    serve(runtime_api, lambda *_: StreamedAnswer(200, EVENTS, body()))
    assert closed.is_set()
    runtime_api.hang_up_after = None
    serve(runtime_api, lambda *_: StreamedAnswer(200, EVENTS, iter([b"next"])))
    assert parts(runtime_api.post())[1] == b"next"


@pytest.mark.parametrize(
    "event", [{"type": "RESPONSE_COMPLETED"}, {}, [], None, "text", 1, {"detail-type": "x"}]
)
def test_other_events_are_answered_without_the_handler(
    runtime_api: FakeRuntime, event: Any
) -> None:
    serve(runtime_api, None, event)
    assert runtime_api.post().body == b"null"


def started(fake: FakeRuntime, folder: Path, code: str) -> subprocess.Popen[bytes]:
    """The wrapper as Lambda calls it: with the interpreter and bootstrap it stands in for."""
    (folder / "app.py").write_text(code)
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if "site-packages" in path),
        "AWS_LAMBDA_RUNTIME_API": fake.address,
        "LAMBDA_TASK_ROOT": str(folder),
        "_HANDLER": "app.handler",
    }
    wrapper = REPOSITORY / "layers/common/bin/stream"
    command = [str(wrapper), sys.executable, "/var/runtime/bootstrap.py"]
    return subprocess.Popen(command, cwd=folder, env=environment, stderr=subprocess.DEVNULL)


def test_the_wrapper_serves_one_event_after_another(
    runtime_api: FakeRuntime, tmp_path: Path
) -> None:
    process = started(
        runtime_api,
        tmp_path,
        "from showreel.edge.streaming import StreamedAnswer\n"
        "def handler(event, context):\n"
        "    return StreamedAnswer(200, {}, iter([event['body'].encode()]))\n",
    )
    try:
        for body in ("first", "second"):
            runtime_api.events.put({"httpMethod": "POST", "body": body})
            assert parts(runtime_api.posts.get(timeout=60))[1] == body.encode()
    finally:
        process.kill()
        process.wait()


def test_a_handler_that_cannot_be_loaded_is_an_init_error(
    runtime_api: FakeRuntime, tmp_path: Path
) -> None:
    process = started(runtime_api, tmp_path, "raise RuntimeError('a secret')\n")
    post = runtime_api.posts.get(timeout=60)
    assert post.path == "/2018-06-01/runtime/init/error"
    assert json.loads(post.body)["errorType"] == "RuntimeError"
    assert process.wait(timeout=60) != 0
