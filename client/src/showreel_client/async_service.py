"""The Unified Generation Service for asyncio."""

import inspect
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar, Unpack

from showreel_client.async_batches import AsyncBatches
from showreel_client.async_cuts import AsyncDirectorCut
from showreel_client.async_driver import AsyncDriver, OnProgress
from showreel_client.async_graphs import AsyncGraphs
from showreel_client.async_storyboards import AsyncProjects, AsyncScenes, AsyncShots
from showreel_client.async_webhooks import AsyncWebhooks
from showreel_client.base import ServiceBase
from showreel_client.batch_calls import BatchCalls
from showreel_client.batches import BatchPhase, BatchResult
from showreel_client.budget import Limits, Surroundings
from showreel_client.catalogue import Models
from showreel_client.cut_calls import CutCalls
from showreel_client.effects import Conversation
from showreel_client.graph_calls import GraphCalls
from showreel_client.graph_stream import GraphEvent
from showreel_client.models import GenerationInput, GenerationResult, OptionKeywords
from showreel_client.options import Kind
from showreel_client.shot_stream import ShotEvent
from showreel_client.storyboard_calls import ProjectCalls, SceneCalls, ShotCalls
from showreel_client.storyboards import Shot
from showreel_client.webhook_calls import WebhookCalls

if TYPE_CHECKING:
    import httpx

T = TypeVar("T")
AsyncToken = str | Callable[[], str | Awaitable[str]]


class AsyncUnifiedGenerationService(ServiceBase):
    """UnifiedGenerationService with `await`.

    `token` and `on_progress` may be ordinary or async functions. A call ends when its task is
    canceled: its answer is closed, and its job, if known by then, is stopped at the server.
    """

    def __init__(
        self,
        base_url: str,
        token: AsyncToken,
        *,
        workspace_id: str | None = None,
        http: "httpx.AsyncClient | None" = None,
        limits: Limits | None = None,
        surroundings: Surroundings | None = None,
    ) -> None:
        super().__init__(
            base_url, workspace_id=workspace_id, limits=limits, surroundings=surroundings
        )
        self._token = token
        self._http = http
        self._owns_http = http is None
        self.projects = AsyncProjects(ProjectCalls(self._setting), self._run)
        self.scenes = AsyncScenes(SceneCalls(self._setting), self._run)
        self.batches = AsyncBatches(BatchCalls(self._setting), self._driver)
        self.shots = AsyncShots(ShotCalls(self._setting), self._run)
        self.director_cut = AsyncDirectorCut(CutCalls(self._setting), self._driver)
        self.graphs = AsyncGraphs(GraphCalls(self._setting), self._run)
        self.webhooks = AsyncWebhooks(WebhookCalls(self._setting), self._run)

    async def generate(
        self,
        wanted: GenerationInput | Mapping[str, Any],
        on_progress: OnProgress | None = None,
        *,
        request_id: str | None = None,
    ) -> GenerationResult:
        """Generates anything, from a whole input in snake_case or the documented camelCase form."""
        return await self._driver(on_progress).run(self._generate(wanted, request_id))

    async def generate_image(
        self,
        prompt: str,
        options: Mapping[str, Any] | None = None,
        on_progress: OnProgress | None = None,
        *,
        request_id: str | None = None,
        **keywords: Unpack[OptionKeywords],
    ) -> GenerationResult:
        """Generates a picture. Options come as a mapping, as keywords, or both."""
        return await self._made("image", prompt, options, on_progress, request_id, keywords)

    async def generate_video(
        self,
        prompt: str,
        options: Mapping[str, Any] | None = None,
        on_progress: OnProgress | None = None,
        *,
        request_id: str | None = None,
        **keywords: Unpack[OptionKeywords],
    ) -> GenerationResult:
        """Generates a video. With reference assets another model may make it that takes them; the
        result says so.
        """
        return await self._made("video", prompt, options, on_progress, request_id, keywords)

    async def generate_audio(
        self,
        prompt: str,
        options: Mapping[str, Any] | None = None,
        on_progress: OnProgress | None = None,
        *,
        request_id: str | None = None,
        **keywords: Unpack[OptionKeywords],
    ) -> GenerationResult:
        """Generates speech, a sound effect or music, depending on the model."""
        return await self._made("audio", prompt, options, on_progress, request_id, keywords)

    async def generate_text(
        self,
        prompt: str,
        options: Mapping[str, Any] | None = None,
        on_progress: OnProgress | None = None,
        *,
        request_id: str | None = None,
        **keywords: Unpack[OptionKeywords],
    ) -> GenerationResult:
        """Generates a text: `result.text`, which is `result.metadata.raw["text"]`."""
        return await self._made("text", prompt, options, on_progress, request_id, keywords)

    def stream_text(
        self,
        prompt: str,
        options: Mapping[str, Any] | None = None,
        *,
        request_id: str | None = None,
        **keywords: Unpack[OptionKeywords],
    ) -> AsyncIterator[str]:
        """Streams a text piece by piece.

        Closing the iterator (`contextlib.aclosing`) stops the text; the part until then is paid.
        """
        return self._driver().steps(self._text_stream(prompt, options, keywords, request_id))

    def gen_shots(
        self,
        project_id: str,
        scene_id: str | None = None,
        *,
        shot_count: int = 3,
        existing_shots: Iterable[Shot | Mapping[str, Any]] = (),
        request_id: str | None = None,
    ) -> AsyncIterator[ShotEvent]:
        """Streams the events of new shots of a scene, by default the project's first one.

        Reconnects by itself, and yields each event once. Closing the iterator doesn't stop the
        shots from being written; the same `request_id` gives the same events again.
        """
        conversation = self._gen_shots(project_id, scene_id, shot_count, existing_shots, request_id)
        return self._driver().steps(conversation)

    def execute_graph(
        self,
        project_id: str,
        node_ids: Iterable[str] | None = None,
        *,
        use_cache: bool = True,
        request_id: str | None = None,
    ) -> AsyncIterator[GraphEvent]:
        """Runs the project's graph and streams its events: these nodes and all that they need, by
        default all nodes.

        Reconnects by itself, and yields each event once. Closing the iterator doesn't stop the run;
        `cancel_graph` does. The same `request_id` gives the same events again.
        """
        conversation = self._execute_graph(
            project_id, node_ids, use_cache=use_cache, request_id=request_id
        )
        return self._driver().steps(conversation)

    async def cancel_graph(self, run_id: str) -> str:
        """Stops a graph's run and returns its status; finished outputs are kept and paid for."""
        return await self._driver().run(self._cancel_graph(run_id))

    async def upload(
        self,
        source: str | Path | bytes,
        *,
        file_name: str | None = None,
        content_type: str | None = None,
    ) -> str:
        """Uploads a local file, or bytes with a `file_name`; returns a URL for reference assets."""
        return await self._driver().run(self._upload(source, file_name, content_type))

    async def models(self) -> Models:
        """Returns the model catalogue by id, at most five minutes old."""
        return await self._driver().run(self._models())

    async def cancel_job(self, job_id: str) -> str:
        """Stops a job at the server and returns its status."""
        return await self._driver().run(self._cancel_job(job_id))

    async def auto_generate(
        self,
        project_id: str,
        phase: BatchPhase,
        on_progress: OnProgress | None = None,
        *,
        image_model: str | None = None,
        video_model: str | None = None,
        request_id: str | None = None,
    ) -> BatchResult:
        """Makes all missing pictures or videos of a project, and waits for the end.

        Stopping to wait doesn't stop the run: `batches` finds it again.
        """
        models = {"image_model": image_model, "video_model": video_model}
        conversation = BatchCalls(self._setting).make(project_id, phase, models, request_id)
        return await self._driver(on_progress).run(conversation)

    async def close(self) -> None:
        """Closes connections, unless the caller passed in the HTTP client."""
        if self._owns_http and self._http is not None:
            await self._http.aclose()
            self._http = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def _made(
        self,
        kind: Kind,
        prompt: str,
        options: Mapping[str, Any] | None,
        on_progress: OnProgress | None,
        request_id: str | None,
        keywords: OptionKeywords,
    ) -> GenerationResult:
        conversation = self._make(kind, prompt, options, keywords, request_id)
        return await self._driver(on_progress).run(conversation)

    async def _run(self, conversation: Conversation[T]) -> T:
        return await self._driver().run(conversation)

    def _driver(self, on_progress: OnProgress | None = None) -> AsyncDriver:
        return AsyncDriver(self._client(), self._setting.base_url, self._fresh_token, on_progress)

    async def _fresh_token(self) -> str:
        token = self._token if isinstance(self._token, str) else self._token()
        return await token if inspect.isawaitable(token) else token

    def _client(self) -> "httpx.AsyncClient":
        if self._http is None:
            import httpx

            self._http = httpx.AsyncClient()
        return self._http
