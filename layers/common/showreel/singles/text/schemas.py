"""Request bodies of the text endpoints: bounded, unknown fields are ignored.

The model's own form checks its inputs.
"""

from typing import Annotated, Any, Literal

from pydantic import AliasChoices, Field, StringConstraints

from showreel.core.models import FrozenModel
from showreel.core.wire import OrderBody
from showreel.edge.fields import UserId

MAX_TEXT_CHARS = 200_000
"""More characters than any model takes."""
MAX_TOKENS = 1_000_000
Text = Annotated[str, StringConstraints(max_length=MAX_TEXT_CHARS)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Id = Annotated[str, StringConstraints(min_length=1, max_length=128)]
RESPONSES: Any = {
    200: {"description": "The text; with `stream` as Server-Sent Events that end with `[DONE]`"},
}
"""The responses, for the OpenAPI document."""


class ResponseFormat(FrozenModel):
    """As OpenAI has it."""

    type: Literal["json_object", "text"]


class TextBody(OrderBody):
    """Body of `POST /functions/v1/gemini-text-generation`. A null counts as not sent."""

    prompt: Text | None = None
    messages: list[dict[str, Any]] | None = Field(
        default=None, min_length=1, max_length=200, description="instead of prompt, as OpenAI's"
    )
    model: Name | None = None
    system_prompt: Text | None = Field(
        default=None, validation_alias=AliasChoices("systemPrompt", "system_prompt")
    )
    stream: bool = Field(default=False, strict=True)
    temperature: Annotated[float, Field(strict=True, ge=0, le=2)] | None = None
    max_tokens: Annotated[int, Field(strict=True, ge=1, le=MAX_TOKENS)] | None = Field(
        default=None,
        validation_alias=AliasChoices("maxTokens", "max_tokens"),
        description="more than the model can is as much as it can",
    )
    response_format: Literal["json", "json_object", "text"] | ResponseFormat | None = Field(
        default=None, validation_alias=AliasChoices("responseFormat", "response_format")
    )
    strict: bool = Field(default=False, strict=True, description="no other model may answer")
    workspace_id: Id | None = Field(
        default=None, validation_alias=AliasChoices("workspaceId", "workspace_id")
    )
    request_id: Annotated[str, StringConstraints(min_length=1, max_length=255)] | None = Field(
        default=None,
        validation_alias=AliasChoices("requestId", "request_id"),
        description="what Idempotency-Key is, for who can't send headers",
    )
    user_id: UserId = None

    @property
    def inputs(self) -> dict[str, Any]:
        """The inputs of the model, under the names of its form."""
        wanted = {
            "prompt": self.prompt,
            "messages": self.messages,
            "systemPrompt": self.system_prompt,
            "temperature": self.temperature,
            "maxTokens": self.max_tokens,
            "responseFormat": self._format,
        }
        return {name: value for name, value in wanted.items() if value is not None}

    @property
    def _format(self) -> str | None:
        given = self.response_format
        word = given.type if isinstance(given, ResponseFormat) else given
        return "json" if word == "json_object" else word


class GroqBody(TextBody):
    """Body of `POST /functions/v1/groq-chat`."""

    temperature: Annotated[float, Field(strict=True, ge=0, le=2)] = 0.7
    max_tokens: Annotated[int, Field(strict=True, ge=1, le=MAX_TOKENS)] = Field(
        default=1024, validation_alias=AliasChoices("maxTokens", "max_tokens")
    )
