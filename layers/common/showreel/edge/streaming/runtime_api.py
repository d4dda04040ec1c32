"""A client of Lambda's Runtime API: takes invocations and answers them, whole or in chunks."""

import base64
import http.client
import json
import socket
import traceback
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from showreel.edge.streaming.answers import CONTENT_TYPE

VERSION = "/2018-06-01/runtime"
ERROR_TYPE = "Lambda-Runtime-Function-Error-Type"
ERROR_BODY = "Lambda-Runtime-Function-Error-Body"


class NotTaken(Exception):
    """Lambda accepts no more of an answer. That the client left is never the reason: a streamed
    response isn't interrupted then (docs.aws.amazon.com/lambda/latest/dg/
    configuration-response-streaming.html).
    """


@dataclass(frozen=True)
class Invocation:
    """One event with its headers."""

    request_id: str
    event: Any
    headers: Mapping[str, str]


class RuntimeApi:
    """The Runtime API at `host:port`, as one process uses it."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._polling = http.client.HTTPConnection(address)

    def close(self) -> None:
        """Stops polling."""
        self._polling.close()

    def next(self) -> Invocation:
        """Waits for the next invocation, as long as it takes."""
        self._polling.request("GET", f"{VERSION}/invocation/next")
        answer = self._polling.getresponse()
        headers = {name.lower(): value for name, value in answer.getheaders()}
        return Invocation(headers["lambda-runtime-aws-request-id"], json.load(answer), headers)

    def respond(self, request_id: str, answer: Any) -> None:
        """Sends the whole answer as JSON."""
        self._post(f"invocation/{request_id}/response", json.dumps(answer).encode())

    def stream(self, request_id: str, chunks: Iterable[bytes]) -> None:
        """Sends the answer in chunks. Raises NotTaken; an error of `chunks` ends the answer with an
        error trailer and is not raised: the client has its status already.
        """
        connection = http.client.HTTPConnection(self._address)
        try:
            self._open_stream(connection, request_id)
            trailers = _send_all(connection, chunks)
            connection.send(b"0\r\n" + trailers + b"\r\n")
            connection.getresponse().read()
        except (OSError, http.client.HTTPException) as error:
            raise NotTaken(request_id) from error
        finally:
            connection.close()

    def fail(self, request_id: str, error: BaseException) -> None:
        """Reports an invocation that raised before it answered."""
        self._post(f"invocation/{request_id}/error", *_error_report(error))

    def fail_init(self, error: BaseException) -> None:
        """Reports that the handler can't be loaded."""
        self._post("init/error", *_error_report(error))

    def _open_stream(self, connection: http.client.HTTPConnection, request_id: str) -> None:
        connection.putrequest("POST", f"{VERSION}/invocation/{request_id}/response")
        connection.putheader("Lambda-Runtime-Function-Response-Mode", "streaming")
        connection.putheader("Content-Type", CONTENT_TYPE)
        connection.putheader("Transfer-Encoding", "chunked")
        connection.putheader("Trailer", f"{ERROR_TYPE}, {ERROR_BODY}")
        connection.endheaders()
        if connection.sock is not None:
            connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def _post(self, path: str, body: bytes, headers: Mapping[str, str] | None = None) -> None:
        connection = http.client.HTTPConnection(self._address)
        fields = {"Content-Type": "application/json"} | dict(headers or {})
        try:
            connection.request("POST", f"{VERSION}/{path}", body, fields)
            connection.getresponse().read()
        finally:
            connection.close()


def _send_all(connection: http.client.HTTPConnection, chunks: Iterable[bytes]) -> bytes:
    """Sends the chunks; returns the trailers, empty unless making them failed."""
    iterator = iter(chunks)
    while True:
        try:
            chunk = next(iterator, None)
        except Exception as error:  # noqa: BLE001 - whatever a body raises goes into the trailers
            traceback.print_exc()
            return _trailers(error)
        if chunk is None:
            return b""
        if chunk:  # an empty one would end the body
            connection.send(b"%x\r\n%b\r\n" % (len(chunk), chunk))


def _trailers(error: BaseException) -> bytes:
    body, headers = _error_report(error)
    encoded = base64.b64encode(body).decode()
    return f"{ERROR_TYPE}: {headers[ERROR_TYPE]}\r\n{ERROR_BODY}: {encoded}\r\n".encode()


def _error_report(error: BaseException) -> tuple[bytes, dict[str, str]]:
    """Returns body and headers with the class only: messages may hold secrets. The log has all."""
    name = type(error).__name__
    report = {"errorMessage": "The function failed", "errorType": name, "stackTrace": []}
    return json.dumps(report).encode(), {ERROR_TYPE: f"Function.{name}"}
