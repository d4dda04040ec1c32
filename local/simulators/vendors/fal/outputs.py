"""What fal's models answer with, in the shapes of the vendor's official types."""

import mimetypes

from local.simulators.tasks import Task
from local.simulators.vendors.fal.compose import MODEL as COMPOSE
from local.simulators.vendors.fal.models import find_model


def output_of(task: Task) -> dict[str, object]:
    """Returns the result of a request that has succeeded."""
    if task.model == COMPOSE:
        return {"video_url": task.result_url, "thumbnail_url": task.more_urls[0]}
    model = find_model(task.model)
    making = model.making if model else "video"
    field = model.field if model else "video"
    if making == "text":
        return {"text": task.facts["text"], "chunks": [], "inferred_languages": ["en"]}
    if making == "images":
        return _images(task, field)
    output: dict[str, object] = {field: _file(task)}
    if making == "speech":
        output["duration_ms"] = round(task.result_seconds * 1000)
    return output


def _images(task: Task, field: str) -> dict[str, object]:
    width, height = task.facts.get("width"), task.facts.get("height")
    size = {"width": width, "height": height}
    listed = [
        {"url": url, **size, "content_type": mimetypes.guess_type(url or "")[0]}
        for url in (task.result_url, *task.more_urls)
    ]
    if field == "image":
        return {"image": listed[0]}
    return {
        "images": listed,
        "timings": {"inference": task.result_seconds},
        "seed": task.facts.get("seed"),
        "has_nsfw_concepts": [False] * len(listed),
        "prompt": task.prompt,
    }


def _file(task: Task) -> dict[str, object]:
    url = task.result_url or ""
    return {
        "url": url,
        "content_type": mimetypes.guess_type(url)[0],
        "file_name": f"output.{url.rpartition('.')[2]}",
        "file_size": task.result_bytes,
    }
