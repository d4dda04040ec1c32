"""GMI Cloud's language models: chat in OpenAI's form, on a separate host.

An unknown model is answered with 404 in plain text. Usage is sent only on request, in a chunk
without choices.
"""

from types import MappingProxyType

from showreel.providers.openai_chat import OpenAiChat


class GmiText(OpenAiChat):
    """The adapter of GMI Cloud's language models."""

    name = "gmi-text"
    path = "/v1/chat/completions"
    health_path = "/v1/models"
    limit_field = "max_tokens"
    extra = MappingProxyType({"stream_options": {"include_usage": True}})
