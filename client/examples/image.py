"""Generate an image: the documented example, line by line."""

import os

from showreel_client import GenerationResult, UnifiedGenerationService


def image(service: UnifiedGenerationService, project_id: str | None = None) -> GenerationResult:
    """A picture, stored with the project."""
    image = service.generate_image(
        "A cinematic wide shot of a futuristic city at sunset",
        {
            "model": "fal-ai/flux/schnell",
            "parameters": {"image_size": "landscape_16_9"},
            "project_id": project_id,
            "auto_store": True,
        },
    )
    print(image.url)  # the stored file
    return image


if __name__ == "__main__":
    url, token = os.environ["SHOWREEL_URL"], os.environ["SHOWREEL_TOKEN"]
    with UnifiedGenerationService(url, token) as service:
        image(service, os.environ.get("SHOWREEL_PROJECT"))
