"""What both of Kling's standards do alike: take tasks into the account, answer in an envelope."""

import secrets
import uuid
from collections.abc import Callable

from werkzeug.wrappers import Response

from local.simulators.faults import Fault
from local.simulators.lifecycle import Lifecycle
from local.simulators.rendering import RenderOrder
from local.simulators.tasks import DuplicateTask, Task, TooManyTasks
from local.simulators.vendors.kling.errors import FAULT_CODES, KlingError
from local.simulators.wire import json_response


def new_task_id() -> str:
    """Returns a decimal number of 18 digits."""
    return str(secrets.randbelow(9 * 10**17) + 10**17)


def accept(lifecycle: Lifecycle, task: Task, load: Callable[[], RenderOrder]) -> None:
    """Take a task on. Raises KlingError if its external id is used or the account is full."""
    try:
        lifecycle.submit(task, load)
    except DuplicateTask as duplicate:
        raise KlingError(1201, "external_task_id is used by another task") from duplicate
    except TooManyTasks as full:
        raise KlingError(1303) from full


def success(data: object) -> Response:
    """Returns an answer with data."""
    request_id = str(uuid.uuid4())
    return json_response({"code": 0, "message": "SUCCEED", "request_id": request_id, "data": data})


def failure(error: KlingError) -> Response:
    """Returns an answer with an error and no data."""
    body = {"code": error.code, "message": error.text, "request_id": str(uuid.uuid4())}
    return json_response(body, error.status)


def refusal(fault: Fault) -> Response:
    """Returns the vendor's own error; `Retry-After` only if the order has one, the vendor
    has none.
    """
    response = failure(KlingError(FAULT_CODES[fault.fault]))
    if fault.retry_after is not None:
        response.headers["Retry-After"] = str(fault.retry_after)
    return response
