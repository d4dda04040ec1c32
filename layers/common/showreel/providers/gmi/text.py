"""GMI Cloud's language models: chat in OpenAI's form, on a host of its own.

An unknown model is answered 404 in plain text. Usage is told only when it is asked for, in a chunk
without choices.
"""

from types import MappingProxyType

from showreel.providers.openai_chat import OpenAiChat


class GmiText(OpenAiChat):
    """The adapter."""

    name = "gmi-text"
    path = "/v1/chat/completions"
    health_path = "/v1/models"
    limit_field = "max_tokens"
    extra = MappingProxyType({"stream_options": {"include_usage": True}})
