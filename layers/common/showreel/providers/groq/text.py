"""Groq: open models, fast. Chat in OpenAI's form; usage comes in the last chunk's `x_groq`.

Reasoning models tell their thoughts in a field of their own; how much they think is a parameter of
the binding (`reasoning_effort`), and counts as output.
"""

from showreel.providers.openai_chat import OpenAiChat


class Groq(OpenAiChat):
    """The adapter."""

    name = "groq"
    path = "/openai/v1/chat/completions"
    health_path = "/openai/v1/models"
    limit_field = "max_completion_tokens"
