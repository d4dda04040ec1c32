"""Groq's open models: chat in OpenAI's form, with the usage in the last chunk's `x_groq`.

Reasoning comes in a field of its own and counts as output; how much a model reasons is a parameter
of the binding (`reasoning_effort`).
"""

from showreel.providers.openai_chat import OpenAiChat


class Groq(OpenAiChat):
    """The adapter of Groq."""

    name = "groq"
    path = "/openai/v1/chat/completions"
    health_path = "/openai/v1/models"
    limit_field = "max_completion_tokens"
