"""What a generation raises: the documented example, line by line."""

import os

from showreel_client import (
    GenerationError,
    GenerationInput,
    InsufficientCreditsError,
    UnifiedGenerationService,
)


def attempt(service: UnifiedGenerationService, wanted: GenerationInput) -> str:
    """The result's URL, or what went wrong, as a line."""
    try:
        result = service.generate(wanted)
    except InsufficientCreditsError as error:
        return f"Need {error.required} credits, have {error.available}: {error.top_up_url}"
    except GenerationError as error:
        return f"[{error.code}] {error.message}"
    return result.url


if __name__ == "__main__":
    url, token = os.environ["SHOWREEL_URL"], os.environ["SHOWREEL_TOKEN"]
    with UnifiedGenerationService(url, token) as service:
        print(attempt(service, GenerationInput("fal-ai/flux/schnell", "A paper boat")))
