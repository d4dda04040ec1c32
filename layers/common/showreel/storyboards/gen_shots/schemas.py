"""The request body of gen-shots: documented names, bounded, unknown fields ignored."""

from typing import Annotated, Any

from pydantic import Field, StringConstraints

from showreel.core.models import FrozenModel
from showreel.core.wire import OrderBody
from showreel.edge.fields import UserId
from showreel.orders.schemas import RequestKey
from showreel.storyboards.gen_shots.ideas import clean_line
from showreel.storyboards.models import MAX_NUMBER, MAX_SHOTS

MAX_SHOT_COUNT = 6
IDEA_CHARS = 120
Id = Annotated[str, StringConstraints(min_length=1, max_length=128)]
RESPONSES: Any = {
    200: {
        "description": "Events: `meta`, `shot` for each phase of each shot, then `done` or `error`",
        "content": {"text/event-stream": {}},
    }
}
"""The responses, for the OpenAPI document."""


class ExistingShot(FrozenModel):
    """A shot that the client has, as far as it matters: its number and what it shows."""

    shot_number: Annotated[int, Field(strict=True, ge=0, le=MAX_NUMBER)] | None = None
    title: str | None = Field(default=None, max_length=10_000)
    prompt_idea: str | None = Field(default=None, max_length=10_000)
    description: str | None = Field(default=None, max_length=10_000)
    visual_prompt: str | None = Field(default=None, max_length=10_000)

    @property
    def idea(self) -> str:
        """The shot's idea in one line; empty if the client sends none."""
        said = self.prompt_idea or self.description or self.visual_prompt
        return idea_line(self.title, said)


class GenShotsBody(OrderBody):
    """Body of `POST /functions/v1/gen-shots`. A null counts as not sent."""

    project_id: Id = Field(validation_alias="projectId")
    scene_id: Id | None = Field(
        default=None,
        validation_alias="sceneId",
        description="without it the scene with the lowest number",
    )
    existing_shots: list[ExistingShot] = Field(
        default=[],
        validation_alias="existingShots",
        max_length=MAX_SHOTS,
        description="new shots get numbers after these and repeat none of their ideas",
    )
    shot_count: Annotated[int, Field(strict=True, ge=1, le=MAX_SHOT_COUNT)] = Field(
        default=3, validation_alias="shotCount"
    )
    request_id: RequestKey | None = Field(
        default=None,
        validation_alias="requestId",
        description="the same one again is the same stream with the same shots, at no cost",
    )
    user_id: UserId = None

    @property
    def highest_number(self) -> int:
        """The highest shot number that the client has, 0 for none."""
        return max((shot.shot_number or 0 for shot in self.existing_shots), default=0)

    @property
    def wanted(self) -> list[Any]:
        """What identifies the request. The client's shots don't: it has more of them when it
        reconnects.
        """
        return [self.project_id, self.scene_id, self.shot_count]


def idea_line(title: str | None, said: str | None) -> str:
    """Returns a shot's idea in one line."""
    parts = [part for part in (clean_line(title, 60), clean_line(said, IDEA_CHARS)) if part]
    return clean_line(": ".join(parts), IDEA_CHARS)
