"""A server that answers what a test wrote down, and both services as one."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any

import httpx

from showreel_client import AsyncUnifiedGenerationService, Limits, UnifiedGenerationService
from showreel_client.budget import Surroundings

BASE = "https://api.example.com/dev"
IMPATIENT = Limits(first_wait_seconds=0, longest_wait_seconds=0, poll_seconds=0)
Reply = httpx.Response | Exception | Callable[[httpx.Request], httpx.Response]


class Stream(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A body that comes in pieces and may break; remembers that it was closed."""

    def __init__(self, pieces: Sequence[bytes | Exception]) -> None:
        self._pieces = pieces
        self.is_closed = False

    def __iter__(self) -> Iterator[bytes]:
        for piece in self._pieces:
            if isinstance(piece, Exception):
                raise piece
            yield piece

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self:
            yield piece

    def close(self) -> None:
        self.is_closed = True

    async def aclose(self) -> None:
        self.is_closed = True


def sse(*events: Any) -> bytes:
    """Data-only events."""
    texts = [event if isinstance(event, str) else json.dumps(event) for event in events]
    return "".join(f"data: {text}\n\n" for text in texts).encode()


def streamed(*pieces: bytes | Exception) -> httpx.Response:
    return httpx.Response(200, headers={"Content-Type": "text/event-stream"}, stream=Stream(pieces))


def events(*items: Any) -> httpx.Response:
    return streamed(sse(*items))


def answer(status: int, body: Any = None, **headers: str) -> httpx.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.Response(status, json=body, headers=named)


def failure(status: int, code: str, **fields: Any) -> httpx.Response:
    body = {"success": False, "error": "No", "code": code, "message": "It didn't work", **fields}
    return answer(status, body)


def fresh(reply: httpx.Response) -> httpx.Response:
    """The same answer once more: httpx reads each but once."""
    if isinstance(reply.stream, Stream):
        return httpx.Response(reply.status_code, headers=reply.headers, stream=reply.stream)
    return httpx.Response(reply.status_code, headers=reply.headers, content=reply.content)


@dataclass
class Server:
    """Answers each path from its own list, in order; the last one stays."""

    replies: dict[str, list[Reply]] = field(default_factory=dict)
    requests: list[httpx.Request] = field(default_factory=list)

    def on(self, path: str, *replies: Reply) -> "Server":
        self.replies[path] = list(replies)
        return self

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        replies = self.replies[request.url.path.removeprefix("/dev/")]
        reply = replies.pop(0) if len(replies) > 1 else replies[0]
        if isinstance(reply, Exception):
            raise reply
        return fresh(reply if isinstance(reply, httpx.Response) else reply(request))

    def to(self, path: str) -> list[httpx.Request]:
        return [one for one in self.requests if one.url.path.endswith(path)]

    def bodies(self, path: str) -> list[dict[str, Any]]:
        return [json.loads(request.content) for request in self.to(path) if request.content]


class Both:
    """A service of either kind, called the same way."""

    def __init__(self, server: Server, *, is_async: bool, **options: Any) -> None:
        self.server = server
        self.is_async = is_async
        self.options = {"limits": IMPATIENT, "workspace_id": "workspace-1"} | options

    def __call__(self, method: str, *arguments: Any, **keywords: Any) -> Any:
        if self.is_async:
            return asyncio.run(self._async(method, arguments, keywords))
        http = httpx.Client(transport=httpx.MockTransport(self.server))
        service = UnifiedGenerationService(BASE, "token-1", http=http, **self.options)
        value = attrgetter(method)(service)(*arguments, **keywords)
        return list(value) if isinstance(value, Iterator) else value

    async def _async(
        self, method: str, arguments: Sequence[Any], keywords: Mapping[str, Any]
    ) -> Any:
        http = httpx.AsyncClient(transport=httpx.MockTransport(self.server))
        service = AsyncUnifiedGenerationService(BASE, "token-1", http=http, **self.options)
        value = attrgetter(method)(service)(*arguments, **keywords)
        if isinstance(value, AsyncIterator):
            return [piece async for piece in value]
        return await value


@dataclass
class Clock:
    """Time that passes only when a conversation sleeps, or by a step at each look."""

    now: float = 0.0
    step: float = 0.0

    def __call__(self) -> float:
        self.now += self.step
        return self.now


def without_chance(clock: Clock) -> Surroundings:
    """Waits are as long as they can be."""
    return Surroundings(clock=clock, chance=lambda: 1.0)


def model(identity: str, workflow: str, **fields: Any) -> dict[str, Any]:
    """A catalogue entry as the server gives it."""
    provider = "gmi-cloud" if identity.startswith("gmi/") else "fal-ai"
    entry = {"id": identity, "name": identity, "provider": provider, "credits": 20}
    return entry | {"mediaType": "video", "workflowType": workflow} | fields


KLING = "fal-ai/kling-video/o3/standard"
CATALOGUE = [
    model(f"{KLING}/text-to-video", "text-to-video", aspectRatios=["16:9", "9:16", "1:1"]),
    model(f"{KLING}/image-to-video", "image-to-video", aspectRatios=[]),
    model(f"{KLING}/reference-to-video", "reference-to-video"),
    model("fal-ai/veo3.1", "text-to-video"),
    model("fal-ai/veo3.1/image-to-video", "image-to-video"),
    model("fal-ai/cogvideox-5b", "text-to-video"),
    model("fal-ai/stable-video", "image-to-video"),
    model("fal-ai/sora-2/text-to-video", "text-to-video"),
    model("fal-ai/sora-2/image-to-video", "image-to-video", lifecycle={"status": "retired"}),
    model("fal-ai/latentsync", "lip-sync"),
    model("fal-ai/anything", "text-to-video", inputs={"prompt": "required", "image": "optional"}),
    model("gmi/seedance-2.0-t2v", "text-to-video"),
    model("gmi/seedance-2.0-i2v", "image-to-video"),
    model("gmi/kling-v3-omni", "text-to-video"),
    model("gmi/ltx-fast-i2v", "image-to-video"),
    model("gmi/wan2.7-r2v", "reference-to-video"),
    model("xai/grok-imagine-image", "text-to-image", mediaType="image", provider="fal-ai"),
    model("house-brand", "text-to-text", mediaType="text", provider="gmi-cloud"),
    model("someone/else", "text-to-image", mediaType="image", provider="elsewhere"),
]
