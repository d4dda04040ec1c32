"""Streamed answers: chunk by chunk, with a prelude, and what happens when one side goes away."""

import contextlib
import http.client
import time
from collections.abc import Iterator

import pytest

from local.stack import Stack
from tests.support.http import eventually, send


@contextlib.contextmanager
def opened(stack: Stack, query: str, *, path: str = "stream") -> Iterator[http.client.HTTPResponse]:
    connection = http.client.HTTPConnection("127.0.0.1", stack.gateway_server.port, timeout=60)
    with contextlib.closing(connection):
        connection.request("GET", f"/test/{path}?{query}")
        with connection.getresponse() as response:
            yield response


def test_prelude_then_body(small: Stack) -> None:
    reply = send("GET", f"{small.base_url}/stream?status=201")
    assert reply.status == 201
    assert reply.headers["Content-Type"] == "text/plain"
    assert reply.body == b"line 0\nline 1\nline 2\n"


def test_chunks_pass_as_they_come(small: Stack) -> None:
    send("GET", f"{small.base_url}/stream")
    begun = time.monotonic()
    with opened(small, "lines=4&pause=0.5") as response:
        head_seconds = time.monotonic() - begun
        assert response.readline() == b"line 0\n"
        first_seconds = time.monotonic() - begun
        assert response.read() == b"line 1\nline 2\nline 3\n"
    assert head_seconds < first_seconds < 1.5 < time.monotonic() - begun


def test_streams_overlap(small: Stack) -> None:
    with contextlib.ExitStack() as all_of_them:
        streams = [all_of_them.enter_context(opened(small, "lines=2&pause=0.1")) for _ in "abc"]
        assert [stream.read() for stream in streams] == [b"line 0\nline 1\n"] * 3


def test_a_function_whose_reader_left_runs_to_its_end_and_learns_nothing(small: Stack) -> None:
    with opened(small, "lines=170&pause=0.005&name=unread") as response:
        response.readline()
    eventually(lambda: "unread: told 170 lines, answered 202" in small.log("stream"))
    assert "reader gone" not in small.log("stream")


def test_a_function_whose_reader_left_is_busy_until_its_end(small: Stack) -> None:
    """The one process that it may have is not free for others before."""
    with opened(small, "lines=10&pause=0.1", path="stream-alone") as response:
        response.readline()
    refused = send("GET", f"{small.base_url}/stream-alone?lines=1")
    assert (refused.status, "retry-after" in refused.headers) == (500, False), "as on AWS"
    assert refused.json["code"] == "broken"
    eventually(lambda: send("GET", f"{small.base_url}/stream-alone?lines=1").status == 200)


def test_a_stream_that_breaks_off_breaks_the_connection(small: Stack) -> None:
    with opened(small, "lines=1&break=1") as response, pytest.raises(http.client.IncompleteRead):
        response.read()


def test_no_prelude_is_502(small: Stack) -> None:
    assert send("GET", f"{small.base_url}/stream?bare=1").status == 502


def test_a_prelude_that_never_comes_is_504(small: Stack) -> None:
    assert send("GET", f"{small.base_url}/stream-late?quiet=3").status == 504


def test_an_answer_that_begins_too_late_is_made_to_its_end(small: Stack) -> None:
    query = "wait=0.7&lines=170&pause=0&name=late"
    assert send("GET", f"{small.base_url}/stream-late?{query}").status == 504
    eventually(lambda: "late: told 170 lines, answered 202" in small.log("stream"))


def test_invoked_directly_the_whole_stream_is_the_payload(small: Stack) -> None:
    outcome = small.functions.invoke("stream", b"{}")
    assert outcome.stream is not None
    assert b"".join(outcome.stream).endswith(b"line 2\n")
