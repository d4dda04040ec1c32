"""The calls of projects, scenes and shots as conversations, which both services run.

Every creation has a key, so that a retry creates nothing twice. In a change a field that is None is
cleared, and one that isn't given stays.
"""

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar
from urllib.parse import quote, urlencode

from showreel_client import faults, storyboards, values
from showreel_client.effects import Conversation, Request
from showreel_client.files import workspace_of
from showreel_client.generation import Setting
from showreel_client.request_ids import request_id_of
from showreel_client.routes import Route
from showreel_client.run import Run, body_of, settled
from showreel_client.storyboards import (
    Page,
    Project,
    Read,
    Scene,
    Shot,
    ShotGeneration,
    ShotVersion,
)

ROUTE = Route("projects", "projects", "edge_function_error")
PAGE = "100"
T = TypeVar("T")
Fields = Mapping[str, Any]


class Calls:
    """The base of calls: requests for one resource, and for pages."""

    def __init__(self, setting: Setting) -> None:
        self._setting = setting

    def _run(self, request_id: str | None = None) -> Run:
        return self._setting.run(ROUTE, request_id_of(request_id))

    def _one(
        self,
        read: Read[T],
        method: str,
        path: str,
        body: Fields | None = None,
        key: str | None = None,
    ) -> Conversation[T]:
        run = self._run(key)
        answer = yield from settled(run, _request(run, method, path, body))
        return _read(run, read, body_of(run, answer))

    def _page(
        self, read: Read[T], path: str, cursor: str | None, **query: str | None
    ) -> Conversation[Page[T]]:
        run = self._run()
        given = {"limit": PAGE, **query, "cursor": cursor}
        asked = urlencode({name: value for name, value in given.items() if value is not None})
        body = body_of(run, (yield from settled(run, _request(run, "GET", f"{path}?{asked}"))))
        items, following = body.get("items"), values.text(body.get("nextCursor"))
        if not isinstance(items, list) or (following is not None and following == cursor):
            raise run.error("The answer is not a part of a list")
        return Page(tuple(_read(run, read, values.record(item)) for item in items), following)

    def _done(self, method: str, path: str, body: Fields | None = None) -> Conversation[None]:
        """Sends a request. A retried deletion that gets a 404 is done: by the attempt before."""
        run = self._run()
        answer = yield from settled(run, _request(run, method, path, body))
        was_deleted = method == "DELETE" and answer.status == 404 and run.budget.failures > 0
        if not (answer.is_ok or was_deleted):
            raise faults.error_of(answer, ROUTE.error_code)

    def _workspace(self, given: str | None) -> Conversation[str]:
        """Returns the given workspace, else the client's, else the caller's first one."""
        return given or (yield from workspace_of(self._setting, self._run()))


class ProjectCalls(Calls):
    """Calls of storyboard projects."""

    def create(
        self, title: str, workspace_id: str | None, fields: Fields, key: str
    ) -> Conversation[Project]:
        """Creates a project."""
        owner = yield from self._workspace(workspace_id)
        body = storyboards.project_body(fields) | {"title": title, "workspaceId": owner}
        return (yield from self._one(storyboards.project, "POST", "/api/projects", body, key))

    def page(self, workspace_id: str | None, cursor: str | None) -> Conversation[Page[Project]]:
        """Reads a page of a workspace's projects."""
        owner = yield from self._workspace(workspace_id)
        query = {"workspaceId": owner}
        return (yield from self._page(storyboards.project, "/api/projects", cursor, **query))

    def get(self, project_id: str) -> Conversation[Project]:
        """Reads a project."""
        return self._one(storyboards.project, "GET", _path("projects", project_id))

    def update(self, project_id: str, title: str | None, fields: Fields) -> Conversation[Project]:
        """Changes a project."""
        body = storyboards.project_body(fields) | ({} if title is None else {"title": title})
        return self._one(storyboards.project, "PATCH", _path("projects", project_id), body)

    def delete(self, project_id: str) -> Conversation[None]:
        """Removes a project."""
        return self._done("DELETE", _path("projects", project_id))


class SceneCalls(Calls):
    """Calls of scenes."""

    def create(self, project_id: str, fields: Fields, key: str) -> Conversation[Scene]:
        """Adds a scene."""
        path = f"{_path('projects', project_id)}/scenes"
        return self._one(storyboards.scene, "POST", path, fields, key)

    def page(self, project_id: str, cursor: str | None) -> Conversation[Page[Scene]]:
        """Reads a page of a project's scenes."""
        path = f"{_path('projects', project_id)}/scenes"
        return self._page(storyboards.scene, path, cursor)

    def order(self, project_id: str, scene_ids: Iterable[str]) -> Conversation[None]:
        """Numbers the scenes from 1."""
        path = f"{_path('projects', project_id)}/scenes/order"
        return self._done("PUT", path, {"scene_ids": list(scene_ids)})

    def get(self, scene_id: str) -> Conversation[Scene]:
        """Reads a scene."""
        return self._one(storyboards.scene, "GET", _path("scenes", scene_id))

    def update(self, scene_id: str, fields: Fields) -> Conversation[Scene]:
        """Changes a scene."""
        return self._one(storyboards.scene, "PATCH", _path("scenes", scene_id), fields)

    def delete(self, scene_id: str) -> Conversation[None]:
        """Removes a scene."""
        return self._done("DELETE", _path("scenes", scene_id))


class ShotCalls(Calls):
    """Calls of shots and their versions."""

    def create(self, scene_id: str, fields: Fields, key: str) -> Conversation[Shot]:
        """Adds a shot."""
        path = f"{_path('scenes', scene_id)}/shots"
        return self._one(storyboards.shot, "POST", path, fields, key)

    def page(self, scene_id: str, cursor: str | None) -> Conversation[Page[Shot]]:
        """Reads a page of a scene's shots."""
        return self._page(storyboards.shot, f"{_path('scenes', scene_id)}/shots", cursor)

    def order(self, scene_id: str, shot_ids: Iterable[str]) -> Conversation[None]:
        """Numbers the shots from 1."""
        path = f"{_path('scenes', scene_id)}/shots/order"
        return self._done("PUT", path, {"shot_ids": list(shot_ids)})

    def get(self, shot_id: str) -> Conversation[Shot]:
        """Reads a shot."""
        return self._one(storyboards.shot, "GET", _path("shots", shot_id))

    def update(self, shot_id: str, fields: Fields) -> Conversation[Shot]:
        """Changes a shot."""
        return self._one(storyboards.shot, "PATCH", _path("shots", shot_id), fields)

    def delete(self, shot_id: str) -> Conversation[None]:
        """Removes a shot."""
        return self._done("DELETE", _path("shots", shot_id))

    def generate(
        self, shot_id: str, kind: str, model: str | None, key: str
    ) -> Conversation[ShotGeneration]:
        """Starts a job for one medium of a shot."""
        body = {"kind": kind} | ({} if model is None else {"model": model})
        path = f"{_path('shots', shot_id)}/generations"
        return self._one(_generation, "POST", path, body, key)

    def versions(
        self, shot_id: str, medium: str | None, cursor: str | None
    ) -> Conversation[Page[ShotVersion]]:
        """Reads a page of a shot's versions."""
        path = f"{_path('shots', shot_id)}/versions"
        return self._page(storyboards.version, path, cursor, medium=medium)

    def restore(self, shot_id: str, version_id: str) -> Conversation[Shot]:
        """Shows an older version again."""
        path = f"{_path('shots', shot_id)}/versions/{quote(_given(version_id), safe='')}/restore"
        return self._one(storyboards.shot, "POST", path)


def _generation(body: Mapping[str, Any]) -> ShotGeneration:
    return storyboards.generation({**body, "id": body.get("job_id")})


def _path(resource: str, id_: str) -> str:
    return f"/api/{resource}/{quote(_given(id_), safe='')}"


def _given(id_: str) -> str:
    """Returns the id. Raises ValueError for an empty one, whose path would be another one."""
    if not id_:
        raise ValueError("an id is empty")
    return id_


def _request(run: Run, method: str, path: str, body: Fields | None = None) -> Request:
    headers = {"Accept": "application/json"}
    headers |= {"Idempotency-Key": run.request_id} if method == "POST" else {}
    sent = None if body is None else dict(body)
    return Request(method, f"{run.base_url}{path}", headers, json=sent)


def _read(run: Run, read: Read[T], body: Mapping[str, Any]) -> T:
    if values.text(values.first(body, "id", "job_id")) is None:
        raise run.error("The answer has no id")
    return read(body)
