"""Request bodies of the sound endpoints: bounded here, checked by the catalogue's forms later."""

from typing import Annotated, Any

from pydantic import AfterValidator, AliasChoices, Field

from showreel.core.text import plain_text
from showreel.core.wire import OrderBody
from showreel.edge.fields import UserId

MAX_TEXT_CHARS = 40_000
"""More than any model takes; the model's own form has the exact limit."""
Text = Annotated[str, Field(min_length=1, max_length=MAX_TEXT_CHARS), AfterValidator(plain_text)]
Id = Annotated[str, Field(min_length=1, max_length=128)]
Share = Annotated[float, Field(strict=True, ge=0, le=1)]
RESPONSES: Any = {
    200: {"description": "The sound"},
    202: {"description": "Still being made: poll `Location`"},
    303: {"description": "To the sound, for `Accept: audio/mpeg` or bytes"},
}
"""The responses to an order, for the OpenAPI document."""
NOT_THE_MODELS = {"workspace_id", "project_id", "user_id"}


class SoundOrder(OrderBody):
    """Fields that all three endpoints take."""

    workspace_id: Id | None = Field(
        default=None,
        validation_alias=AliasChoices("workspaceId", "workspace_id"),
        description="who pays; by default the caller's own choice",
    )
    project_id: Id | None = Field(
        default=None, validation_alias=AliasChoices("projectId", "project_id")
    )
    user_id: UserId = None

    @property
    def inputs(self) -> dict[str, Any]:
        """The inputs of the model, under the names of its form."""
        return self.model_dump(by_alias=True, exclude_none=True, exclude=NOT_THE_MODELS)


class SpeechOrder(SoundOrder):
    """Body of `POST /functions/v1/elevenlabs-tts`."""

    text: Text
    voice_id: str | None = Field(
        default=None,
        alias="voiceId",
        pattern=r"^[A-Za-z0-9]{1,64}$",
        description="one of ours if none",
    )
    model_id: Annotated[str, Field(max_length=64)] | None = Field(default=None, alias="modelId")
    stability: Share | None = None
    similarity_boost: Share | None = Field(default=None, alias="similarityBoost")
    speed: Annotated[float, Field(strict=True, ge=0.7, le=1.2)] | None = None
    language_code: Annotated[str, Field(max_length=5)] | None = Field(
        default=None, alias="languageCode"
    )
    seed: Annotated[int, Field(strict=True, ge=0, le=2_147_483_647)] | None = None


class EffectOrder(SoundOrder):
    """Body of `POST /functions/v1/elevenlabs-sfx`."""

    prompt: Text
    duration: Annotated[float, Field(strict=True, ge=0.5, le=30, description="seconds")] = 5
    prompt_influence: Share | None = Field(default=None, alias="promptInfluence")
    loop: Annotated[bool, Field(strict=True)] | None = None


class MusicOrder(SoundOrder):
    """Body of `POST /functions/v1/elevenlabs-music`."""

    prompt: Text
    duration: Annotated[
        float, Field(strict=True, ge=3, le=600, description="seconds; made are whole ones")
    ] = 30
    instrumental: Annotated[bool, Field(strict=True)] | None = None
