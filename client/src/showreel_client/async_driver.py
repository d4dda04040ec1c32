"""Carries out a conversation's effects in the running asyncio loop."""

import asyncio
import contextlib
import inspect
import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

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
CHUNK_BYTES = 256 * 1024


class AsyncDriver:
    """The input and output of one call. At most one answer is open at a time."""

    def __init__(
        self,
        http: "httpx.AsyncClient",
        base_url: str,
        token: Callable[[], Awaitable[str]],
        on_progress: OnProgress | None = None,
    ) -> None:
        self._http = http
        self._base_url = base_url
        self._token = token
        self._on_progress = on_progress
        self._response: httpx.Response | None = None
        self._chunks: AsyncIterator[bytes] | None = None
        self._job_id: str | None = None
        self._result: Any = None

    async def run(self, conversation: Conversation[T]) -> T:
        """Runs the conversation to its result. Raises what it raises."""
        async with contextlib.aclosing(self.steps(conversation)) as steps:
            async for _ in steps:
                pass
        result: T = self._result
        return result

    async def steps(self, conversation: Conversation[T]) -> AsyncGenerator[Any, None]:
        """Yields pieces of text or events as they arrive.

        Closing it, or canceling its task, closes the answer and stops the job: a server on AWS
        isn't notified when its client leaves, and would go on.
        """
        reply: Any = None
        try:
            while True:
                try:
                    effect = conversation.send(reply)
                except StopIteration as end:
                    self._result = end.value
                    return
                reply = None if isinstance(effect, Emit) else await self._perform(effect)
                if isinstance(effect, Emit):
                    yield effect.value
        except (asyncio.CancelledError, GeneratorExit):
            await self._close()
            await self._cancel_job()
            raise
        finally:
            conversation.close()
            await self._close()

    async def _perform(self, effect: Effect) -> Any:
        match effect:
            case Send(request):
                return await self._send(request)
            case Read():
                return await self._read()
            case Sleep(seconds):
                await asyncio.sleep(seconds)
            case Report(progress) if self._on_progress is not None:
                answer = self._on_progress(progress)
                if inspect.isawaitable(answer):
                    await answer
            case JobKnown(job_id):
                self._job_id = job_id
        return None

    async def _send(self, request: Request) -> Answer | Lost:
        import httpx

        await self._close()
        token = checked_token(await self._token()) if request.is_ours else None
        try:
            await self._open(request, token)
            return await self._answer()
        except (httpx.RequestError, httpx.InvalidURL) as error:
            return lost(error)

    async def _open(self, request: Request, token: str | None) -> None:
        arguments = new_arguments(request, token)
        if isinstance(request.content, Path):
            arguments["content"] = _pieces_of(request.content)
        sent = self._http.build_request(**arguments)
        self._response = await self._http.send(sent, stream=True, follow_redirects=False, auth=None)
        self._chunks = self._response.aiter_bytes()

    async def _answer(self) -> Answer | Lost:
        if self._response is None or self._chunks is None:
            return Lost("no answer")
        head = head_of(self._response)
        if isinstance(head, Lost) or head.is_stream:
            return head
        started, body = time.monotonic(), bytearray()
        async for chunk in self._chunks:
            body += chunk
            if len(body) > MAX_BODY_BYTES or time.monotonic() - started > MAX_BODY_SECONDS:
                return Lost("an answer without end", may_retry=False)
        return Answer(head.status, head.headers, bytes(body))

    async def _read(self) -> bytes | Lost:
        import httpx

        if self._chunks is None:
            return b""
        try:
            return await anext(self._chunks, b"")
        except httpx.RequestError as error:
            return lost(error)

    async def _cancel_job(self) -> None:
        """Asks the server to stop the job, once; errors are ignored."""
        if self._job_id is None:
            return
        request = Request("POST", cancel_url(self._base_url, self._job_id))
        with contextlib.suppress(Exception):
            async with asyncio.timeout(CANCEL_SECONDS):
                token = checked_token(await self._token())
                sent = self._http.build_request(**new_arguments(request, token))
                response = await self._http.send(sent, stream=True)
                await response.aclose()

    async def _close(self) -> None:
        response, self._response = self._response, None
        if response is not None:
            await response.aclose()


async def _pieces_of(path: Path) -> AsyncIterator[bytes]:
    """Yields a file's bytes, read in a thread beside the loop."""
    with await asyncio.to_thread(path.open, "rb") as file:
        while piece := await asyncio.to_thread(file.read, CHUNK_BYTES):
            yield piece
