"""Generate text: the documented example, line by line."""

import os

from showreel_client import UnifiedGenerationService


def text(service: UnifiedGenerationService) -> str:
    """Three sentences."""
    result = service.generate_text(
        "Write a 3-sentence storyline for a sci-fi short film.",
        {"model": "google/gemini-2.5-flash"},
    )
    text: str = result.metadata.raw["text"]
    return text


if __name__ == "__main__":
    url, token = os.environ["SHOWREEL_URL"], os.environ["SHOWREEL_TOKEN"]
    with UnifiedGenerationService(url, token) as service:
        print(text(service))
