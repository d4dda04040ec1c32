"""The base of both services: their settings, and their calls as conversations."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from showreel_client.budget import Limits, Surroundings
from showreel_client.catalogue import ROUTE as CATALOGUE_ROUTE
from showreel_client.catalogue import Catalogue, Models
from showreel_client.effects import Conversation
from showreel_client.files import cancel_job, upload
from showreel_client.generation import Setting, generate
from showreel_client.graph_stream import cancel_graph, execute_graph
from showreel_client.models import GenerationInput, GenerationResult, MediaType, OptionKeywords
from showreel_client.options import Kind, input_of
from showreel_client.request_ids import request_id_of
from showreel_client.routes import may_make_text
from showreel_client.shot_stream import gen_shots
from showreel_client.storyboards import Shot
from showreel_client.transport import checked_base_url


class ServiceBase:
    """A server, a caller, and the limits of their calls."""

    def __init__(
        self,
        base_url: str,
        *,
        workspace_id: str | None,
        limits: Limits | None,
        surroundings: Surroundings | None,
    ) -> None:
        self._setting = Setting(
            base_url=checked_base_url(base_url),
            workspace_id=workspace_id,
            limits=limits or Limits(),
            surroundings=surroundings or Surroundings(),
            catalogue=Catalogue(),
        )

    def _generate(
        self,
        wanted: GenerationInput | Mapping[str, Any],
        request_id: str | None,
        media_type: MediaType = "unknown",
    ) -> Conversation[GenerationResult]:
        whole = GenerationInput.of(wanted)
        return generate(self._setting, whole, media_type, request_id_of(request_id))

    def _make(
        self,
        kind: Kind,
        prompt: str,
        options: Mapping[str, Any] | None,
        keywords: OptionKeywords,
        request_id: str | None,
    ) -> Conversation[GenerationResult]:
        return self._generate(input_of(kind, prompt, options, keywords), request_id, kind)

    def _text_stream(
        self,
        prompt: str,
        options: Mapping[str, Any] | None,
        keywords: OptionKeywords,
        request_id: str | None,
    ) -> Conversation[GenerationResult]:
        wanted = input_of("text", prompt, options, keywords)
        if not may_make_text(wanted.model, wanted.parameters):
            raise ValueError(f"{wanted.model} makes no text")
        streamed = {**wanted.parameters, "stream": True}
        whole = GenerationInput.of({**vars(wanted), "parameters": streamed})
        return self._generate(whole, request_id, "text")

    def _gen_shots(
        self,
        project_id: str,
        scene_id: str | None,
        shot_count: int,
        existing_shots: Iterable[Shot | Mapping[str, Any]],
        request_id: str | None,
    ) -> Conversation[None]:
        key = request_id_of(request_id)
        return gen_shots(self._setting, key, project_id, scene_id, shot_count, existing_shots)

    def _execute_graph(
        self,
        project_id: str,
        node_ids: Iterable[str] | None,
        *,
        use_cache: bool,
        request_id: str | None,
    ) -> Conversation[None]:
        key = request_id_of(request_id)
        return execute_graph(self._setting, key, project_id, node_ids, use_cache=use_cache)

    def _cancel_graph(self, run_id: str) -> Conversation[str]:
        return cancel_graph(self._setting, run_id, request_id_of(None))

    def _upload(
        self, source: str | Path | bytes, file_name: str | None, content_type: str | None
    ) -> Conversation[str]:
        if isinstance(source, bytes):
            if file_name is None:
                raise ValueError("bytes need a file_name")
            return upload(self._setting, source, file_name, content_type, request_id_of(None))
        path = Path(source)
        name = file_name or path.name
        return upload(self._setting, path, name, content_type, request_id_of(None))

    def _models(self) -> Conversation[Models]:
        return self._setting.catalogue.read(self._setting.run(CATALOGUE_ROUTE, request_id_of(None)))

    def _cancel_job(self, job_id: str) -> Conversation[str]:
        return cancel_job(self._setting, job_id, request_id_of(None))
