"""Google's Files API, as far as results come by it: a file's state, and its download.

A download needs the key and is passed on to an address that needs none.
"""

from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from local.simulators.faults import Fault
from local.simulators.request_log import now_ms
from local.simulators.tasks import Task
from local.simulators.vendors.base import Exchange, Ground
from local.simulators.vendors.google.errors import RPC_FAULTS, RpcError, rpc_response
from local.simulators.vendors.google.tasks import (
    INTERACTION_PREFIX,
    NAME,
    WORDS,
    file_of,
    file_url,
)
from local.simulators.vendors.google.veo import check_key
from local.simulators.wire import json_response

_PROCESSING_SHARE = 0.2


class GoogleFiles:
    """The vendor's store of results."""

    name = NAME
    operations: frozenset[str] = frozenset()

    def __init__(self, ground: Ground) -> None:
        self._config = ground.config
        self._lifecycle = ground.lifecycle

    def operation_of(self, method: str, path: str) -> str:
        """Returns the name of a call."""
        found = file_of(path)
        if method != "GET" or found is None:
            return "unknown"
        return "download" if found[1] else "file"

    def recognise(self, exchange: Exchange) -> None:
        """Fill in the task that the file is of."""
        name, _ = file_of(exchange.path) or ("", False)
        tasks = self._lifecycle.tasks
        task = tasks.find(self.name, name) or tasks.find(self.name, f"{INTERACTION_PREFIX}{name}")
        if task and task.result_url:
            exchange.task, exchange.prompt = task, task.prompt

    def answer(self, exchange: Exchange) -> Response:
        """Returns the state of the file, or the way to it."""
        try:
            check_key(exchange, self._config.secrets)
            if exchange.task is None or exchange.task.result_url is None:
                raise RpcError("PERMISSION_DENIED", "You do not have permission, or no such file")
        except RpcError as error:
            return rpc_response(error)
        if exchange.operation == "download":
            return redirect(exchange.task.result_url)
        return json_response(self._file(exchange.task))

    def refusal(self, fault: Fault) -> Response:
        """Returns the vendor's own error."""
        return rpc_response(RpcError(*RPC_FAULTS[fault.fault]))

    def word(self, task: Task) -> str:
        """Returns the vendor's word for the task's status."""
        return WORDS[task.status]

    def _file(self, task: Task) -> dict[str, object]:
        """A file is processed for a moment after its task has ended."""
        age_ms = now_ms() - (task.finished_ms or 0)
        is_ready = age_ms >= self._config.generation_seconds * _PROCESSING_SHARE * 1000
        return {
            "name": f"files/{task.task_id.removeprefix(INTERACTION_PREFIX)}",
            "mimeType": "video/mp4",
            "state": "ACTIVE" if is_ready else "PROCESSING",
            "source": "GENERATED",
            "downloadUri": file_url(self._config.base_url, task),
        }
