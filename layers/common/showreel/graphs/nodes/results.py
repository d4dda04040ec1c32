"""Turns a completed job's results into artifacts."""

import json

from showreel.generation.models import Job, StoredFile
from showreel.generation.text.job import text_result
from showreel.graphs.models import Artifact, DataType, Step
from showreel.graphs.ports import Output

TYPES: dict[str, DataType] = {"image": "image", "video": "video", "audio": "audio"}
VIDEO = "video/mp4"


def output_of(step: Step, job: Job) -> Output:
    """Returns the files of a step's job, or its text, and the model that made it if the step names
    one.
    """
    details = {"model": job.model, "fallback_reason": job.fallback_reason} if step.model_id else {}
    return Output(artifacts=tuple(artifacts_of(job)), **details)


def artifacts_of(job: Job) -> list[Artifact]:
    """Returns a job's results as artifacts, the best first."""
    if job.wanted.media_type == "text":
        return [Artifact(type="text", text=text_result(job).text)]
    if job.delivery.files:
        return [_of_file(file) for file in job.delivery.files]
    if job.delivery.result is not None:
        return [Artifact(type="text", text=_words(job.delivery.result))]
    return [_only_file(job)]


def _of_file(file: StoredFile) -> Artifact:
    kind = TYPES[file.content_type.partition("/")[0]]
    return Artifact(type=kind, **file.model_dump())


def _only_file(job: Job) -> Artifact:
    """Returns the clip of our own camera's job, which lists no files."""
    seconds = job.duration_seconds
    return Artifact(type="video", key=job.output_key, content_type=VIDEO, duration_seconds=seconds)


def _words(result: str) -> str:
    """Returns the field `text` of a vendor's answer, else the whole answer."""
    answer = json.loads(result)
    text = answer.get("text") if isinstance(answer, dict) else answer
    return text if isinstance(text, str) else result
