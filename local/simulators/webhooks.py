"""Delivery of notifications: signed, repeated until they are taken, or broken on demand."""

import base64
import json
import secrets
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace

import httpx

from local import clock
from local.simulators.config import SimulatorConfig
from local.simulators.faults import FINAL_WEBHOOKS, FORGERIES, FaultBook
from local.simulators.request_log import now_ms
from local.simulators.scheduler import Scheduler
from local.simulators.signing import Signer, webhook_headers
from local.simulators.tasks import Status, Task

FORGED_RESULT_URL = "https://forged.invalid/stolen.mp4"
_LATE_SECONDS = 5.0
_TIMEOUT_SECONDS = 15.0


@dataclass(frozen=True)
class Message:
    """A notification; every attempt to deliver it has the same id."""

    provider: str
    task_id: str
    status: str
    url: str
    body: bytes
    secret: str | Signer | None
    message_id: str
    forged: bool = False


@dataclass(frozen=True)
class Delivery:
    """One attempt; `response_status` is None if no answer came."""

    provider: str
    task_id: str
    status: str
    url: str
    message_id: str
    forged: bool
    attempt: int
    response_status: int | None
    time_ms: int


class Webhooks:
    """Sends what vendors have to say about their tasks to the customer's addresses."""

    def __init__(self, config: SimulatorConfig, faults: FaultBook, scheduler: Scheduler) -> None:
        self._config = config
        self._faults = faults
        self._scheduler = scheduler
        self._client = httpx.Client(timeout=_TIMEOUT_SECONDS, trust_env=False)
        self._pool = ThreadPoolExecutor(max_workers=8, thread_name_prefix="simulator-webhook")
        self._deliveries: list[Delivery] = []
        self._lock = threading.Lock()

    def notify(self, task: Task, body: dict[str, object], secret: str | Signer | None) -> None:
        """Send the task's present status, if the customer gave an address."""
        if task.callback_url is None:
            return
        message = _message(task, body, secret)
        if task.is_open:
            self._send(message)
        else:
            self._send_final(message, task.prompt)

    def wants_forgery(self, task: Task) -> bool:
        """Returns whether a test ordered a forged message about this task; uses the order up."""
        taken = task.callback_url and self._faults.take(
            task.provider, "webhook", FORGERIES, task.prompt
        )
        return bool(taken)

    def forge(self, task: Task, body: dict[str, object], secret: str | Signer | None) -> None:
        """Send a message that the vendor didn't sign."""
        foreign = "whsec_" + base64.b64encode(secrets.token_bytes(24)).decode()
        key = foreign if isinstance(secret, str) or secret is None else secret.stranger()
        self._send(replace(_message(task, body, key), forged=True))

    def listing(self) -> list[dict[str, object]]:
        """Returns every attempt so far, in order."""
        with self._lock:
            return [asdict(delivery) for delivery in self._deliveries]

    def clear(self) -> None:
        """Forget the attempts so far."""
        with self._lock:
            self._deliveries.clear()

    def close(self) -> None:
        """Stop delivering; what is being sent is finished first."""
        self._pool.shutdown(wait=True, cancel_futures=True)
        self._client.close()

    def _send_final(self, message: Message, prompt: str) -> None:
        fault = self._faults.take(message.provider, "webhook", FINAL_WEBHOOKS, prompt)
        match fault.fault if fault else None:
            case "webhook_lost":
                return
            case "webhook_doubled":
                self._send(message)
                self._send(message)
            case "webhook_late" if fault:
                late_seconds = _LATE_SECONDS if fault.delay_seconds is None else fault.delay_seconds
                self._scheduler.after(late_seconds, lambda: self._send(message))
            case _:
                self._send(message)

    def _send(self, message: Message, attempt: int = 1) -> None:
        try:
            self._pool.submit(self._attempt, message, attempt)
        except RuntimeError:  # the pool is closed: nobody is left to hear it
            return

    def _attempt(self, message: Message, attempt: int) -> None:
        status = self._post(message)
        self._record(message, attempt, status)
        waits = self._config.webhook_retry_seconds
        taken = status is not None and 200 <= status < 300
        if not taken and not message.forged and attempt <= len(waits):
            again = attempt + 1
            self._scheduler.after(waits[attempt - 1], lambda: self._send(message, again))

    def _post(self, message: Message) -> int | None:
        headers = {"content-type": "application/json", **_signature_headers(message)}
        try:
            return self._client.post(message.url, content=message.body, headers=headers).status_code
        except (httpx.HTTPError, httpx.InvalidURL):
            return None

    def _record(self, message: Message, attempt: int, status: int | None) -> None:
        delivery = Delivery(
            provider=message.provider,
            task_id=message.task_id,
            status=message.status,
            url=message.url,
            message_id=message.message_id,
            forged=message.forged,
            attempt=attempt,
            response_status=status,
            time_ms=now_ms(),
        )
        with self._lock:
            self._deliveries.append(delivery)


def _message(task: Task, body: dict[str, object], secret: str | Signer | None) -> Message:
    return Message(
        provider=task.provider,
        task_id=task.task_id,
        status=Status(task.status).value,
        url=task.callback_url or "",
        body=json.dumps(body, separators=(",", ":")).encode(),
        secret=secret or None,
        message_id=secrets.token_hex(16),
    )


def _signature_headers(message: Message) -> dict[str, str]:
    if message.secret is None:
        return {}
    now = int(clock.time())
    if not isinstance(message.secret, str):
        return message.secret.headers(message.task_id, now, message.body)
    return webhook_headers(message.secret, message.message_id, now, message.body)
