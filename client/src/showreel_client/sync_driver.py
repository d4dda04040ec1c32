"""Carries out a conversation's effects in the calling thread."""

import contextlib
import socket
import time
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from showreel_client.cancel import CancelToken
from showreel_client.effects import (
    MAX_BODY_BYTES,
    Answer,
    Conversation,
    Effect,
    Emit,
    JobKnown,
    Lost,
    Read,
    Report,
    Request,
    Send,
    Sleep,
)
from showreel_client.errors import GenerationCanceled
from showreel_client.files import cancel_url
from showreel_client.models import Progress
from showreel_client.transport import (
    CANCEL_SECONDS,
    MAX_BODY_SECONDS,
    checked_token,
    head_of,
    lost,
    new_arguments,
)

if TYPE_CHECKING:
    import httpx

T = TypeVar("T")
OnProgress = Callable[[Progress], Any]


class SyncDriver:
    """The input and output of one call. At most one answer is open at a time."""

    def __init__(
        self,
        http: "httpx.Client",
        base_url: str,
        token: Callable[[], str],
        cancel: CancelToken | None = None,
        on_progress: OnProgress | None = None,
    ) -> None:
        self._http = http
        self._base_url = base_url
        self._token = token
        self._cancel = cancel or CancelToken()
        self._on_progress = on_progress
        self._response: httpx.Response | None = None
        self._chunks: Iterator[bytes] = iter(())
        self._job_id: str | None = None

    def run(self, conversation: Conversation[T]) -> T:
        """Runs the conversation to its result. Raises what it raises, and GenerationCanceled."""
        steps = self.steps(conversation)
        while True:
            try:
                next(steps)
            except StopIteration as end:
                result: T = end.value
                return result

    def steps(self, conversation: Conversation[T]) -> Generator[Any, None, T]:
        """Runs it in the same way, and yields pieces of text or events as they arrive.

        Closing it, or a keyboard interrupt, closes the answer and stops the job: a server on AWS
        isn't notified when its client leaves, and would go on.
        """
        reply: Any = None
        try:
            while True:
                self._stop_if_canceled()
                try:
                    effect = conversation.send(reply)
                except StopIteration as end:
                    result: T = end.value
                    return result
                reply = None if isinstance(effect, Emit) else self._perform(effect)
                if isinstance(effect, Emit):
                    yield effect.value
        except (GeneratorExit, KeyboardInterrupt):
            self._leave()
            raise
        finally:
            conversation.close()
            self._close()

    def _perform(self, effect: Effect) -> Any:
        match effect:
            case Send(request):
                return self._send(request)
            case Read():
                return self._read()
            case Sleep(seconds):
                self._cancel.wait(seconds)
            case Report(progress) if self._on_progress is not None:
                self._on_progress(progress)
            case JobKnown(job_id):
                self._job_id = job_id
        return None

    def _send(self, request: Request) -> Answer | Lost:
        import httpx

        self._close()
        token = checked_token(self._token()) if request.is_ours else None
        try:
            self._open(request, token)
            return self._answer()
        except (httpx.RequestError, httpx.InvalidURL) as error:
            return lost(error)

    def _open(self, request: Request, token: str | None) -> None:
        arguments = new_arguments(request, token)
        with contextlib.ExitStack() as stack:
            if isinstance(request.content, Path):
                arguments["content"] = stack.enter_context(request.content.open("rb"))
            sent = self._http.build_request(**arguments)
            self._response = self._http.send(sent, stream=True, follow_redirects=False, auth=None)
        self._chunks = self._response.iter_bytes()
        self._cancel.set_interrupt(self._shut_down)

    def _answer(self) -> Answer | Lost:
        if self._response is None:
            return Lost("no answer")
        head = head_of(self._response)
        if isinstance(head, Lost) or head.is_stream:
            return head
        started, body = time.monotonic(), bytearray()
        for chunk in self._chunks:
            body += chunk
            if len(body) > MAX_BODY_BYTES or time.monotonic() - started > MAX_BODY_SECONDS:
                return Lost("an answer without end", may_retry=False)
        return Answer(head.status, head.headers, bytes(body))

    def _read(self) -> bytes | Lost:
        import httpx

        try:
            return next(self._chunks, b"")
        except httpx.RequestError as error:
            return lost(error)

    def _stop_if_canceled(self) -> None:
        if not self._cancel.is_canceled:
            return
        self._leave()
        raise GenerationCanceled(self._job_id)

    def _leave(self) -> None:
        """Closes the answer and stops the job, if it is known."""
        self._close()
        if self._job_id is not None:
            self._cancel_job(self._job_id)

    def _cancel_job(self, job_id: str) -> None:
        """Asks the server to stop the job, once; errors are ignored."""
        request = Request("POST", cancel_url(self._base_url, job_id))
        with contextlib.suppress(Exception):
            arguments = new_arguments(request, checked_token(self._token()))
            sent = self._http.build_request(**arguments | {"timeout": CANCEL_SECONDS})
            self._http.send(sent, stream=True).close()

    def _shut_down(self) -> None:
        """Ends a read in which another thread is blocked."""
        stream = self._response.extensions.get("network_stream") if self._response else None
        connection = stream.get_extra_info("socket") if stream is not None else None
        if connection is not None:
            socket.socket.shutdown(connection, socket.SHUT_RDWR)

    def _close(self) -> None:
        self._cancel.set_interrupt(None)
        response, self._response = self._response, None
        if response is not None:
            response.close()
