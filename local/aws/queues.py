"""Mends moto's SQS: the stack's time, and news for who waits for messages.

A message may stay out of sight for 12 hours after it was received; moto counts from when it was
sent, so that one that is tried again for a day would be refused.
"""

import functools
from typing import Any

from moto.sqs import models
from moto.sqs.exceptions import InvalidParameterValue, ReceiptHandleIsInvalid
from moto.sqs.models import Queue, SQSBackend

from local import clock
from local.aws.mending import replace

LONGEST_SECONDS = 43_200
_waiting: dict[str, clock.Event] = {}
"""Events by the ARN of the queue that somebody waits for."""


def wait_for(queue_arn: str) -> clock.Event:
    """Returns what is set whenever a queue has changed."""
    return _waiting.setdefault(queue_arn, clock.Event())


def forget(queue_arn: str) -> None:
    """Nobody waits for the queue any more."""
    _waiting.pop(queue_arn, None)


@functools.cache
def mend() -> None:
    """Mends moto, once per process."""
    add: Any = Queue.add_message

    def add_message(self: Any, message: Any) -> None:
        add(self, message)
        if self.queue_arn in _waiting:
            _waiting[self.queue_arn].set()

    def change_message_visibility(
        self: Any, queue_name: str, receipt_handle: str, visibility_timeout: int
    ) -> None:
        if int(visibility_timeout) > LONGEST_SECONDS:
            raise InvalidParameterValue("VisibilityTimeout is above 43200 seconds")
        queue = self.get_queue(queue_name)
        for message in queue._messages:  # noqa: SLF001  # moto's
            if message.had_receipt_handle(receipt_handle):
                message.change_visibility(visibility_timeout)
                if message.visible:
                    queue.pending_messages.discard(message)
                return
        raise ReceiptHandleIsInvalid

    replace(models, unix_time=clock.time, unix_time_millis=lambda: clock.time() * 1000)
    replace(Queue, add_message=add_message)
    replace(SQSBackend, change_message_visibility=change_message_visibility)
