"""How Kling speaks of a task, in polls and webhooks: each in the standard it was ordered by."""

import math

from local.simulators.config import SimulatorConfig
from local.simulators.lifecycle import Voice
from local.simulators.tasks import Status, Task
from local.simulators.vendors.kling.errors import FAILURE_TEXTS

NAME = "kling"
FIRST_FAMILIES = ("image2video", "text2video")
"""Paths of the first standard, which has the model in the body."""
SECOND_FAMILIES = ("image-to-video", "text-to-video")
"""Paths of the second standard, which has the model in the path."""

_WORDS = {
    Status.QUEUED: "submitted",
    Status.RUNNING: "processing",
    Status.SUCCEEDED: "succeeded",
    Status.FAILED: "failed",
}


def voice(config: SimulatorConfig) -> Voice:
    """Returns one for both standards, because they share the account."""
    secrets = config.secrets
    return Voice(describe, FAILURE_TEXTS.__getitem__, lambda: secrets.get("kling_webhook_secret"))


def word(task: Task) -> str:
    """Returns the vendor's word for the task's status; for success the standards differ."""
    is_old = task.family in FIRST_FAMILIES
    return "succeed" if is_old and task.status is Status.SUCCEEDED else _WORDS[task.status]


def describe(task: Task) -> dict[str, object]:
    """Returns the object of a task, in a poll's answer and as the body of a webhook."""
    return _first(task) if task.family in FIRST_FAMILIES else _second(task)


def receipt(task: Task) -> dict[str, object]:
    """Returns what a create is answered with."""
    if task.family in FIRST_FAMILIES:
        return _first_receipt(task)
    times = {"create_time": task.submitted_ms, "update_time": task.updated_ms}
    return {"id": task.task_id, "status": word(task), **times}


def _first(task: Task) -> dict[str, object]:
    return {
        **_first_receipt(task),
        "task_status_msg": task.message,
        "final_unit_deduction": f"{task.cost_units if task.status is Status.SUCCEEDED else 0:g}",
        "task_result": {} if task.status is not Status.SUCCEEDED else {"videos": [_video(task)]},
    }


def _first_receipt(task: Task) -> dict[str, object]:
    return {
        "task_id": task.task_id,
        "task_status": word(task),
        "task_info": {"external_task_id": task.external_task_id},
        "created_at": task.submitted_ms,
        "updated_at": task.updated_ms,
    }


def _second(task: Task) -> dict[str, object]:
    """Returns a task of the second standard; it has outputs and a bill once it has succeeded."""
    said = {**receipt(task), "message": task.message, "external_id": task.external_task_id}
    if task.status is not Status.SUCCEEDED:
        return said
    amount = f"{task.cost_units:g}"
    bill = {"charge_type": "unit", "amount": amount, "package_type": "video"}
    output = {"type": "video", **_video(task), "duration": str(task.inputs["duration"])}
    return {**said, "outputs": [output], "billing": [bill]}


def _video(task: Task) -> dict[str, object]:
    watermarked = task.result_url if task.inputs.get("watermark") else ""
    tenths = math.ceil(task.result_seconds * 10)
    return {
        "id": f"v{task.task_id}",
        "url": task.result_url,
        "watermark_url": watermarked,
        "duration": f"{tenths / 10:g}",
    }
