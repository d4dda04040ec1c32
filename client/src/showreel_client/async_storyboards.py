"""Projects, scenes and shots, for asyncio. Every call raises GenerationError."""

from collections.abc import AsyncIterator, Callable, Iterable
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


class AsyncRuns(Protocol):
    """Carries out a conversation."""

    async def __call__(self, conversation: Conversation[T], /) -> T:
        """Returns the conversation's result."""


class Resources(Generic[C]):
    """The calls of one kind of resource, with the function that runs them."""

    def __init__(self, calls: C, run: AsyncRuns) -> None:
        self._calls = calls
        self._run = run

    async def _all(self, page: Callable[[str | None], Conversation[Page[T]]]) -> AsyncIterator[T]:
        cursor: str | None = None
        while True:
            part = await self._run(page(cursor))
            for item in part.items:
                yield item
            cursor = part.next_cursor
            if cursor is None:
                return


class AsyncProjects(Resources[ProjectCalls]):
    """Storyboard projects."""

    async def create(
        self,
        title: str,
        *,
        workspace_id: str | None = None,
        request_id: str | None = None,
        **fields: Unpack[ProjectFields],
    ) -> Project:
        """Creates a project; the same `request_id` is the same project."""
        key = request_id_of(request_id)
        return await self._run(self._calls.create(title, workspace_id, fields, key))

    def list(self, *, workspace_id: str | None = None) -> AsyncIterator[Project]:
        """Yields a workspace's projects, newest first, page by page."""
        return self._all(lambda cursor: self._calls.page(workspace_id, cursor))

    async def get(self, project_id: str) -> Project:
        """Reads a project."""
        return await self._run(self._calls.get(project_id))

    async def update(
        self, project_id: str, *, title: str | None = None, **fields: Unpack[ProjectFields]
    ) -> Project:
        """Changes the given fields; None clears one. A project always has a title."""
        return await self._run(self._calls.update(project_id, title, fields))

    async def delete(self, project_id: str) -> None:
        """Removes a project with its scenes, shots and files."""
        await self._run(self._calls.delete(project_id))


class AsyncScenes(Resources[SceneCalls]):
    """Scenes of storyboard projects."""

    async def create(
        self, project_id: str, *, request_id: str | None = None, **fields: Unpack[SceneFields]
    ) -> Scene:
        """Adds a scene after the last one; the same `request_id` is the same scene."""
        return await self._run(self._calls.create(project_id, fields, request_id_of(request_id)))

    def list(self, project_id: str) -> AsyncIterator[Scene]:
        """Yields a project's scenes by their numbers, page by page."""
        return self._all(lambda cursor: self._calls.page(project_id, cursor))

    async def order(self, project_id: str, scene_ids: Iterable[str]) -> None:
        """Numbers the scenes from 1; all must be given."""
        await self._run(self._calls.order(project_id, scene_ids))

    async def get(self, scene_id: str) -> Scene:
        """Reads a scene."""
        return await self._run(self._calls.get(scene_id))

    async def update(self, scene_id: str, **fields: Unpack[SceneFields]) -> Scene:
        """Changes the given fields; None clears one."""
        return await self._run(self._calls.update(scene_id, fields))

    async def delete(self, scene_id: str) -> None:
        """Removes a scene with its shots and files."""
        await self._run(self._calls.delete(scene_id))


class AsyncShots(Resources[ShotCalls]):
    """Shots of scenes, and versions of their media."""

    async def create(
        self, scene_id: str, *, request_id: str | None = None, **fields: Unpack[ShotFields]
    ) -> Shot:
        """Adds a shot after the last one; the same `request_id` is the same shot."""
        return await self._run(self._calls.create(scene_id, fields, request_id_of(request_id)))

    def list(self, scene_id: str) -> AsyncIterator[Shot]:
        """Yields a scene's shots by their numbers, page by page."""
        return self._all(lambda cursor: self._calls.page(scene_id, cursor))

    async def order(self, scene_id: str, shot_ids: Iterable[str]) -> None:
        """Numbers the shots from 1; all must be given."""
        await self._run(self._calls.order(scene_id, shot_ids))

    async def get(self, shot_id: str) -> Shot:
        """Reads a shot."""
        return await self._run(self._calls.get(shot_id))

    async def update(self, shot_id: str, **fields: Unpack[ShotFields]) -> Shot:
        """Changes the given fields; None clears one."""
        return await self._run(self._calls.update(shot_id, fields))

    async def delete(self, shot_id: str) -> None:
        """Removes a shot with all its media."""
        await self._run(self._calls.delete(shot_id))

    async def generate(
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
        return await self._run(self._calls.generate(shot_id, kind, model, key))

    def versions(self, shot_id: str, *, medium: Medium | None = None) -> AsyncIterator[ShotVersion]:
        """Yields a shot's versions, newest first within each medium, page by page."""
        return self._all(lambda cursor: self._calls.versions(shot_id, medium, cursor))

    async def restore(self, shot_id: str, version_id: str) -> Shot:
        """Shows an older version again."""
        return await self._run(self._calls.restore(shot_id, version_id))
