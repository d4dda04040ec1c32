"""The calls of the Director's Cut and of timelines as conversations, which both services run.

The server does the work: stopping to wait doesn't stop the export.
"""

import dataclasses
import math
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

from showreel_client import cuts
from showreel_client.budget import Budget
from showreel_client.cuts import (
    CutAction,
    DirectorCutSummary,
    Export,
    ExportSettings,
    PreflightError,
)
from showreel_client.effects import Conversation, Request, Sleep
from showreel_client.errors import GenerationError
from showreel_client.generation import Setting
from showreel_client.request_ids import request_id_of
from showreel_client.routes import Route
from showreel_client.run import Run, body_of, settled
from showreel_client.values import record

ROUTE = Route("director-cut", "director-cut", "edge_function_error")
PREFLIGHT = "preflight_failed"


class CutCalls:
    """Calls of the four actions, waiting for an export, and calls of the timeline."""

    def __init__(self, setting: Setting) -> None:
        self._setting = setting

    def sync(
        self, project_id: str, settings: ExportSettings, *, allow_partial: bool
    ) -> Conversation[DirectorCutSummary]:
        """Brings the timeline up to the storyboard; returns the summary."""
        body = _order("sync", project_id, settings, allow_partial=allow_partial)
        answer = yield from self._act(body, None)
        return cuts.summary_of(record(answer.get("summary")))

    def begin(
        self,
        action: CutAction,
        project_id: str,
        settings: ExportSettings,
        request_id: str | None,
        *,
        allow_partial: bool,
    ) -> Conversation[Export]:
        """Begins an export, or finds the one that is being made."""
        body = _order(action, project_id, settings, allow_partial=allow_partial)
        return _export((yield from self._act(body, request_id)))

    def status(self, job_id: str) -> Conversation[Export]:
        """Reads an export."""
        return _export((yield from self._act({"action": "status", "jobId": job_id}, None)))

    def wait(self, job_id: str) -> Conversation[Export]:
        """Waits for an export's end, as long as it takes. Raises GenerationError if it fails."""
        run = self._run(None)
        waits = run.budget.poll_waits()
        while True:
            export = yield from self.status(job_id)
            if export.status == "completed":
                yield from run.meter.finish()
                return export
            if export.status == "failed":
                raise _failure(export)
            yield from run.meter.to(export.progress, _message(export))
            yield Sleep(waits.next())

    def timeline(self, project_id: str) -> Conversation[Mapping[str, Any]]:
        """Reads the timeline."""
        return self._timeline("GET", project_id, None)

    def otio(self, project_id: str, query: Mapping[str, Any]) -> Conversation[Mapping[str, Any]]:
        """Reads the timeline as an OpenTimelineIO document."""
        return self._timeline("GET", project_id, None, f"/otio{_query(query)}")

    def take_otio(
        self, project_id: str, document: Mapping[str, Any], revision: int | None
    ) -> Conversation[Mapping[str, Any]]:
        """Imports an OpenTimelineIO document into the timeline."""
        return self._timeline("PUT", project_id, document, f"/otio{_query({'revision': revision})}")

    def change(
        self, project_id: str, revision: int, changes: Mapping[str, Any]
    ) -> Conversation[Mapping[str, Any]]:
        """Changes the timeline."""
        return self._timeline("PATCH", project_id, {**changes, "revision": revision})

    def _timeline(
        self, method: str, project_id: str, body: Mapping[str, Any] | None, form: str = ""
    ) -> Conversation[Mapping[str, Any]]:
        if not project_id:
            raise ValueError("an id is empty")
        run = self._run(None)
        url = f"{run.base_url}/api/projects/{quote(project_id, safe='')}/timeline{form}"
        sent = None if body is None else dict(body)
        request = Request(method, url, {"Accept": "application/json"}, json=sent)
        return body_of(run, (yield from settled(run, request)))

    def _act(
        self, body: Mapping[str, Any], request_id: str | None
    ) -> Conversation[Mapping[str, Any]]:
        run = self._run(request_id)
        answer = yield from settled(run, run.post(body))
        try:
            return body_of(run, answer)
        except GenerationError as error:
            if error.server_code == PREFLIGHT:
                raise PreflightError(error) from error
            raise

    def _run(self, request_id: str | None) -> Run:
        """Returns a run without a deadline, which is the server's; attempts stay limited."""
        run = self._setting.run(ROUTE, request_id_of(request_id))
        limits = dataclasses.replace(self._setting.limits, total_seconds=math.inf)
        run.budget = Budget(limits, self._setting.surroundings)
        return run


def _order(
    action: str, project_id: str, settings: ExportSettings, *, allow_partial: bool
) -> dict[str, Any]:
    named = {"settings": cuts.settings_body(settings)} if settings else {}
    return {"action": action, "projectId": project_id, "allowPartial": allow_partial, **named}


def _query(named: Mapping[str, Any]) -> str:
    given = {name: value for name, value in named.items() if value is not None}
    return f"?{urlencode(given)}" if given else ""


def _export(body: Mapping[str, Any]) -> Export:
    export = cuts.export_of(body)
    if export is None:
        raise GenerationError("The answer names no export", ROUTE.error_code)
    return export


def _failure(export: Export) -> GenerationError:
    message = export.error or "The export failed"
    error = GenerationError(message, ROUTE.error_code, server_code=export.error_code)
    error.job_id = export.job_id
    return error


def _message(export: Export) -> str:
    if export.queue_position is not None:
        return f"Waiting: {export.queue_position} in the queue"
    return "Exporting"
