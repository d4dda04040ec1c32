"""Every test of a call runs twice: in ordinary code and under asyncio. No socket is opened.

The exceptions drive the local stack: `test_with_stack.py`, and `test_documented_examples.py`, which
is collected once every endpoint that it calls has its function.
"""

from pathlib import Path

import pytest

from tests.client.support import CATALOGUE, Both, Server, answer

FUNCTIONS = Path(__file__).parents[2] / "functions"
ROUTED = ("elevenlabs_music", "elevenlabs_sfx", "elevenlabs_tts", "fal_stream",
          "gemini_text_generation", "gmi_execute", "groq_chat", "model_catalog")  # fmt: skip
collect_ignore = (
    []
    if all((FUNCTIONS / name / "app.py").exists() for name in ROUTED)
    else ["test_documented_examples.py"]
)


@pytest.fixture
def server() -> Server:
    """With a catalogue, and nothing else yet."""
    return Server().on("functions/v1/model-catalog", answer(200, CATALOGUE, ETag='"1"'))


@pytest.fixture(params=[False, True], ids=["sync", "async"])
def call(request: pytest.FixtureRequest, server: Server) -> Both:
    return Both(server, is_async=request.param)
