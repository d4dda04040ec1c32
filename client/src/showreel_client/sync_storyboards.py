"""Projects, scenes and shots, synchronous. Every call raises GenerationError."""

from collections.abc import Callable, Iterable, Iterator
from typing import Generic, Protocol, TypeVar, Unpack

from showreel_client.effects import Conversation
from showreel_client.request_ids import request_id_of
from showreel_client.storyboard_calls import ProjectCalls, SceneCalls, ShotCalls
from showreel_client.storyboards import (
    Medium,
    Page,
    Project,
    ProjectFields,
    Scene,
    SceneFields,
    Shot,
    ShotFields,
    ShotGeneration,
    ShotVersion,
)

T = TypeVar("T")
C = TypeVar("C")


class Runs(Protocol):
    """Carries out a conversation."""

    def __call__(self, conversation: Conversation[T], /) -> T:
        """Returns the conversation's result."""


class Resources(Generic[C]):
    """The calls of one kind of resource, with the function that runs them."""

    def __init__(self, calls: C, run: Runs) -> None:
        self._calls = calls
        self._run = run

    def _all(self, page: Callable[[str | None], Conversation[Page[T]]]) -> Iterator[T]:
        cursor: str | None = None
        while True:
            part = self._run(page(cursor))
            yield from part.items
            cursor = part.next_cursor
            if cursor is None:
                return


class Projects(Resources[ProjectCalls]):
    """Storyboard projects."""

    def create(
        self,
        title: str,
        *,
        workspace_id: str | None = None,
        request_id: str | None = None,
        **fields: Unpack[ProjectFields],
    ) -> Project:
        """Creates a project; the same `request_id` is the same project."""
        key = request_id_of(request_id)
        return self._run(self._calls.create(title, workspace_id, fields, key))

    def list(self, *, workspace_id: str | None = None) -> Iterator[Project]:
        """Yields a workspace's projects, newest first, page by page."""
        return self._all(lambda cursor: self._calls.page(workspace_id, cursor))

    def get(self, project_id: str) -> Project:
        """Reads a project."""
        return self._run(self._calls.get(project_id))

    def update(
        self, project_id: str, *, title: str | None = None, **fields: Unpack[ProjectFields]
    ) -> Project:
        """Changes the given fields; None clears one. A project always has a title."""
        return self._run(self._calls.update(project_id, title, fields))

    def delete(self, project_id: str) -> None:
        """Removes a project with its scenes, shots and files."""
        self._run(self._calls.delete(project_id))


class Scenes(Resources[SceneCalls]):
    """Scenes of storyboard projects."""

    def create(
        self, project_id: str, *, request_id: str | None = None, **fields: Unpack[SceneFields]
    ) -> Scene:
        """Adds a scene after the last one; the same `request_id` is the same scene."""
        return self._run(self._calls.create(project_id, fields, request_id_of(request_id)))

    def list(self, project_id: str) -> Iterator[Scene]:
        """Yields a project's scenes by their numbers, page by page."""
        return self._all(lambda cursor: self._calls.page(project_id, cursor))

    def order(self, project_id: str, scene_ids: Iterable[str]) -> None:
        """Numbers the scenes from 1; all must be given."""
        self._run(self._calls.order(project_id, scene_ids))

    def get(self, scene_id: str) -> Scene:
        """Reads a scene."""
        return self._run(self._calls.get(scene_id))

    def update(self, scene_id: str, **fields: Unpack[SceneFields]) -> Scene:
        """Changes the given fields; None clears one."""
        return self._run(self._calls.update(scene_id, fields))

    def delete(self, scene_id: str) -> None:
        """Removes a scene with its shots and files."""
        self._run(self._calls.delete(scene_id))


class Shots(Resources[ShotCalls]):
    """Shots of scenes, and versions of their media."""

    def create(
        self, scene_id: str, *, request_id: str | None = None, **fields: Unpack[ShotFields]
    ) -> Shot:
        """Adds a shot after the last one; the same `request_id` is the same shot."""
        return self._run(self._calls.create(scene_id, fields, request_id_of(request_id)))

    def list(self, scene_id: str) -> Iterator[Shot]:
        """Yields a scene's shots by their numbers, page by page."""
        return self._all(lambda cursor: self._calls.page(scene_id, cursor))

    def order(self, scene_id: str, shot_ids: Iterable[str]) -> None:
        """Numbers the shots from 1; all must be given."""
        self._run(self._calls.order(scene_id, shot_ids))

    def get(self, shot_id: str) -> Shot:
        """Reads a shot."""
        return self._run(self._calls.get(shot_id))

    def update(self, shot_id: str, **fields: Unpack[ShotFields]) -> Shot:
        """Changes the given fields; None clears one."""
        return self._run(self._calls.update(shot_id, fields))

    def delete(self, shot_id: str) -> None:
        """Removes a shot with all its media."""
        self._run(self._calls.delete(shot_id))

    def generate(
        self,
        shot_id: str,
        kind: Medium,
        *,
        model: str | None = None,
        request_id: str | None = None,
    ) -> ShotGeneration:
        """Starts a job for a picture, video or voice-over. Its result is shown by the shot; earlier
        ones stay as versions. The same `request_id` is the same job.
        """
        key = request_id_of(request_id)
        return self._run(self._calls.generate(shot_id, kind, model, key))

    def versions(self, shot_id: str, *, medium: Medium | None = None) -> Iterator[ShotVersion]:
        """Yields a shot's versions, newest first within each medium, page by page."""
        return self._all(lambda cursor: self._calls.versions(shot_id, medium, cursor))

    def restore(self, shot_id: str, version_id: str) -> Shot:
        """Shows an older version again."""
        return self._run(self._calls.restore(shot_id, version_id))
