"""The Unified Generation Service, synchronous."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar, Unpack

from showreel_client.base import ServiceBase
from showreel_client.batch_calls import BatchCalls
from showreel_client.batches import BatchPhase, BatchResult
from showreel_client.budget import Limits, Surroundings
from showreel_client.cancel import CancelToken
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
from showreel_client.sync_batches import Batches
from showreel_client.sync_cuts import DirectorCut
from showreel_client.sync_driver import OnProgress, SyncDriver
from showreel_client.sync_graphs import Graphs
from showreel_client.sync_storyboards import Projects, Scenes, Shots
from showreel_client.sync_webhooks import Webhooks
from showreel_client.webhook_calls import WebhookCalls

if TYPE_CHECKING:
    import httpx

T = TypeVar("T")
Token = str | Callable[[], str]


class UnifiedGenerationService(ServiceBase):
    """One entry point for every generation: picks the endpoint, waits, retries, returns a result.

    `base_url` is the API with its stage, `token` the caller's JWT or a function that returns a
    fresh one. An `http` client that is passed in isn't closed. Calls may run in several threads.

    Every call raises GenerationError, InsufficientCreditsError, and GenerationCanceled when its
    `cancel` token is canceled. A keyboard interrupt stops the job as well. A call repeated with its
    `request_id` can't pay twice.
    """

    def __init__(
        self,
        base_url: str,
        token: Token,
        *,
        workspace_id: str | None = None,
        http: "httpx.Client | None" = None,
        limits: Limits | None = None,
        surroundings: Surroundings | None = None,
    ) -> None:
        super().__init__(
            base_url, workspace_id=workspace_id, limits=limits, surroundings=surroundings
        )
        self._token = token
        self._http = http
        self._owns_http = http is None
        self.projects = Projects(ProjectCalls(self._setting), self._run)
        self.scenes = Scenes(SceneCalls(self._setting), self._run)
        self.batches = Batches(BatchCalls(self._setting), self._driver)
        self.shots = Shots(ShotCalls(self._setting), self._run)
        self.director_cut = DirectorCut(CutCalls(self._setting), self._driver)
        self.graphs = Graphs(GraphCalls(self._setting), self._run)
        self.webhooks = Webhooks(WebhookCalls(self._setting), self._run)

    def generate(
        self,
        wanted: GenerationInput | Mapping[str, Any],
        on_progress: OnProgress | None = None,
        *,
        cancel: CancelToken | None = None,
        request_id: str | None = None,
    ) -> GenerationResult:
        """Generates anything, from a whole input in snake_case or the documented camelCase form."""
        return self._driver(cancel, on_progress).run(self._generate(wanted, request_id))

    def generate_image(
        self,
        prompt: str,
        options: Mapping[str, Any] | None = None,
        on_progress: OnProgress | None = None,
        *,
        cancel: CancelToken | None = None,
        request_id: str | None = None,
        **keywords: Unpack[OptionKeywords],
    ) -> GenerationResult:
        """Generates a picture. Options come as a mapping, as keywords, or both."""
        return self._made("image", prompt, options, on_progress, cancel, request_id, keywords)

    def generate_video(
        self,
        prompt: str,
        options: Mapping[str, Any] | None = None,
        on_progress: OnProgress | None = None,
        *,
        cancel: CancelToken | None = None,
        request_id: str | None = None,
        **keywords: Unpack[OptionKeywords],
    ) -> GenerationResult:
        """Generates a video. With reference assets another model may make it that takes them; the
        result says so.
        """
        return self._made("video", prompt, options, on_progress, cancel, request_id, keywords)

    def generate_audio(
        self,
        prompt: str,
        options: Mapping[str, Any] | None = None,
        on_progress: OnProgress | None = None,
        *,
        cancel: CancelToken | None = None,
        request_id: str | None = None,
        **keywords: Unpack[OptionKeywords],
    ) -> GenerationResult:
        """Generates speech, a sound effect or music, depending on the model."""
        return self._made("audio", prompt, options, on_progress, cancel, request_id, keywords)

    def generate_text(
        self,
        prompt: str,
        options: Mapping[str, Any] | None = None,
        on_progress: OnProgress | None = None,
        *,
        cancel: CancelToken | None = None,
        request_id: str | None = None,
        **keywords: Unpack[OptionKeywords],
    ) -> GenerationResult:
        """Generates a text: `result.text`, which is `result.metadata.raw["text"]`."""
        return self._made("text", prompt, options, on_progress, cancel, request_id, keywords)

    def stream_text(
        self,
        prompt: str,
        options: Mapping[str, Any] | None = None,
        *,
        cancel: CancelToken | None = None,
        request_id: str | None = None,
        **keywords: Unpack[OptionKeywords],
    ) -> Iterator[str]:
        """Streams a text piece by piece.

        Closing the iterator, or dropping it, stops the text; the part until then is paid.
        """
        conversation = self._text_stream(prompt, options, keywords, request_id)
        return self._driver(cancel, None).steps(conversation)

    def gen_shots(
        self,
        project_id: str,
        scene_id: str | None = None,
        *,
        shot_count: int = 3,
        existing_shots: Iterable[Shot | Mapping[str, Any]] = (),
        cancel: CancelToken | None = None,
        request_id: str | None = None,
    ) -> Iterator[ShotEvent]:
        """Streams the events of new shots of a scene, by default the project's first one.

        Reconnects by itself, and yields each event once. Closing the iterator doesn't stop the
        shots from being written; the same `request_id` gives the same events again.
        """
        conversation = self._gen_shots(project_id, scene_id, shot_count, existing_shots, request_id)
        return self._driver(cancel, None).steps(conversation)

    def execute_graph(
        self,
        project_id: str,
        node_ids: Iterable[str] | None = None,
        *,
        use_cache: bool = True,
        cancel: CancelToken | None = None,
        request_id: str | None = None,
    ) -> Iterator[GraphEvent]:
        """Runs the project's graph and streams its events: these nodes and all that they need, by
        default all nodes.

        Reconnects by itself, and yields each event once. Closing the iterator doesn't stop the run;
        `cancel_graph` does. The same `request_id` gives the same events again.
        """
        conversation = self._execute_graph(
            project_id, node_ids, use_cache=use_cache, request_id=request_id
        )
        return self._driver(cancel, None).steps(conversation)

    def cancel_graph(self, run_id: str) -> str:
        """Stops a graph's run and returns its status; finished outputs are kept and paid for."""
        return self._driver().run(self._cancel_graph(run_id))

    def upload(
        self,
        source: str | Path | bytes,
        *,
        file_name: str | None = None,
        content_type: str | None = None,
    ) -> str:
        """Uploads a local file, or bytes with a `file_name`; returns a URL for reference assets."""
        return self._driver().run(self._upload(source, file_name, content_type))

    def models(self) -> Models:
        """Returns the model catalogue by id, at most five minutes old."""
        return self._driver().run(self._models())

    def cancel_job(self, job_id: str) -> str:
        """Stops a job at the server and returns its status."""
        return self._driver().run(self._cancel_job(job_id))

    def auto_generate(
        self,
        project_id: str,
        phase: BatchPhase,
        on_progress: OnProgress | None = None,
        *,
        cancel: CancelToken | None = None,
        image_model: str | None = None,
        video_model: str | None = None,
        request_id: str | None = None,
    ) -> BatchResult:
        """Makes all missing pictures or videos of a project, and waits for the end.

        Stopping to wait doesn't stop the run: `batches` finds it again.
        """
        models = {"image_model": image_model, "video_model": video_model}
        conversation = BatchCalls(self._setting).make(project_id, phase, models, request_id)
        return self._driver(cancel, on_progress).run(conversation)

    def close(self) -> None:
        """Closes connections, unless the caller passed in the HTTP client."""
        if self._owns_http and self._http is not None:
            self._http.close()
            self._http = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _made(
        self,
        kind: Kind,
        prompt: str,
        options: Mapping[str, Any] | None,
        on_progress: OnProgress | None,
        cancel: CancelToken | None,
        request_id: str | None,
        keywords: OptionKeywords,
    ) -> GenerationResult:
        conversation = self._make(kind, prompt, options, keywords, request_id)
        return self._driver(cancel, on_progress).run(conversation)

    def _run(self, conversation: Conversation[T]) -> T:
        return self._driver().run(conversation)

    def _driver(
        self, cancel: CancelToken | None = None, on_progress: OnProgress | None = None
    ) -> SyncDriver:
        return SyncDriver(
            self._client(), self._setting.base_url, self._fresh_token, cancel, on_progress
        )

    def _fresh_token(self) -> str:
        return self._token if isinstance(self._token, str) else self._token()

    def _client(self) -> "httpx.Client":
        if self._http is None:
            import httpx

            self._http = httpx.Client()
        return self._http
