"""The Director's Cut for asyncio. Every call raises GenerationError."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar, Unpack

from showreel_client.async_driver import AsyncDriver, OnProgress
from showreel_client.cut_calls import CutCalls
from showreel_client.cuts import DirectorCutSummary, Export, ExportSettings
from showreel_client.effects import Conversation

T = TypeVar("T")
Driver = Callable[[OnProgress | None], AsyncDriver]


class AsyncDirectorCut:
    """Exports films of storyboards, and edits their timelines."""

    def __init__(self, calls: CutCalls, driver: Driver) -> None:
        self._calls = calls
        self._driver = driver

    async def sync(
        self, project_id: str, *, allow_partial: bool = False, **settings: Unpack[ExportSettings]
    ) -> DirectorCutSummary:
        """Brings the timeline up to the storyboard; returns whether it can be exported."""
        return await self._run(self._calls.sync(project_id, settings, allow_partial=allow_partial))

    async def create(
        self,
        project_id: str,
        *,
        allow_partial: bool = False,
        request_id: str | None = None,
        **settings: Unpack[ExportSettings],
    ) -> Export:
        """Begins an export, or finds the one that is being made. Raises PreflightError."""
        return await self._begin("create", project_id, settings, request_id, allow_partial)

    async def retry(
        self,
        project_id: str,
        *,
        allow_partial: bool = False,
        request_id: str | None = None,
        **settings: Unpack[ExportSettings],
    ) -> Export:
        """Begins an export of the timeline as it is, by default with the last export's settings.
        Raises PreflightError.
        """
        return await self._begin("retry", project_id, settings, request_id, allow_partial)

    async def status(self, job_id: str) -> Export:
        """Reads an export."""
        return await self._run(self._calls.status(job_id))

    async def wait_for_export(
        self,
        job_id: str,
        on_progress: OnProgress | None = None,
    ) -> Export:
        """Waits for an export and returns it. Stopping to wait doesn't stop the export."""
        return await self._driver(on_progress).run(self._calls.wait(job_id))

    async def timeline(self, project_id: str) -> Mapping[str, Any]:
        """Reads the timeline, in the API's form."""
        return await self._run(self._calls.timeline(project_id))

    async def update_timeline(
        self, project_id: str, revision: int, **changes: Any
    ) -> Mapping[str, Any]:
        """Changes `order`, `rows`, `texts` or `music` of the timeline of this revision."""
        return await self._run(self._calls.change(project_id, revision, changes))

    async def export_otio(
        self,
        project_id: str,
        *,
        fps: int | None = None,
        transitions: str | None = None,
        transition_ms: int | None = None,
    ) -> Mapping[str, Any]:
        """Returns the timeline as an OpenTimelineIO document, to be written as JSON."""
        query = {"fps": fps, "transitions": transitions, "transitionMs": transition_ms}
        return await self._run(self._calls.otio(project_id, query))

    async def import_otio(
        self, project_id: str, document: Mapping[str, Any], revision: int | None = None
    ) -> Mapping[str, Any]:
        """Imports an OpenTimelineIO document into the timeline; `notes` of the answer has what it
        can't hold. Without a revision it must have the one that the document was written from.
        """
        return await self._run(self._calls.take_otio(project_id, document, revision))

    async def _begin(
        self,
        action: Any,
        project_id: str,
        settings: ExportSettings,
        request_id: str | None,
        allow_partial: bool,
    ) -> Export:
        return await self._run(
            self._calls.begin(action, project_id, settings, request_id, allow_partial=allow_partial)
        )

    async def _run(self, conversation: Conversation[T]) -> T:
        return await self._driver(None).run(conversation)
