"""Generate a video with progress tracking: the documented example, line by line."""

import os

from showreel_client import GenerationResult, UnifiedGenerationService


def video(service: UnifiedGenerationService, project_id: str | None = None) -> GenerationResult:
    """A video, with a line for each step on the way."""
    return service.generate_video(
        "A drone flyover of a tropical island, golden hour",
        {
            "model": "fal-ai/kling-video/o3/standard/text-to-video",
            "parameters": {"duration": "5", "aspect_ratio": "16:9", "generate_audio": True},
            "project_id": project_id,
        },
        lambda progress: print(f"{progress.percent}% — {progress.message}"),
    )


if __name__ == "__main__":
    url, token = os.environ["SHOWREEL_URL"], os.environ["SHOWREEL_TOKEN"]
    with UnifiedGenerationService(url, token) as service:
        print(video(service, os.environ.get("SHOWREEL_PROJECT")).url)
