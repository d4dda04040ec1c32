"""A video from a picture on this machine: uploaded, and the model changed to one that takes it."""

import os
import sys
from pathlib import Path

from showreel_client import GenerationResult, ReferenceAsset, UnifiedGenerationService


def from_a_picture(service: UnifiedGenerationService, picture: Path) -> GenerationResult:
    """The result's metadata say which model made it, and why."""
    return service.generate_video(
        "Slow dolly in, evening light",
        model="fal-ai/kling-video/o3/standard/text-to-video",
        reference_assets=[ReferenceAsset(service.upload(picture), "image", "input_image")],
    )


if __name__ == "__main__":
    url, token = os.environ["SHOWREEL_URL"], os.environ["SHOWREEL_TOKEN"]
    with UnifiedGenerationService(url, token) as service:
        video = from_a_picture(service, Path(sys.argv[1]))
        print(video.url, video.metadata.resolved_model, video.metadata.fallback_reason)
