"""The FIFO queue of deliveries: one message each, in a group per endpoint and subject.

A group's next message is handed out when the one before is deleted, so a receiver gets the events
of a run in order, and a waiting message blocks only its group. A message waits by its visibility
time-out: at most 12 hours after it was received; messages of FIFO queues have no DelaySeconds (900
s). A queue holds 120,000 messages in flight and looks through as many to find a free group; a
message is kept for 14 days.
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-fifo.html
"""

import json
from collections.abc import Mapping
from typing import Any

from showreel.core.aws import client
from showreel.core.errors import Transient
from showreel.core.settings import FailedEvents, WebhookQueue, settings
from showreel.webhooks.models import Delivery, DeliveryMessage


def put(workspace_id: str, delivery: Delivery) -> None:
    """Appends a delivery to its group; once, if repeated within 5 minutes. Raises Transient."""
    message = DeliveryMessage(
        workspace_id=workspace_id,
        endpoint_id=delivery.endpoint_id,
        event_id=delivery.id,
        type=delivery.type,
        at=delivery.at,
    )
    _call(
        "send_message",
        settings(WebhookQueue).webhook_queue_url,
        MessageBody=message.model_dump_json(),
        MessageGroupId=f"{delivery.endpoint_id}.{delivery.subject}",
        MessageDeduplicationId=f"{delivery.endpoint_id}.{delivery.id}",
    )


def hide(receipt_handle: str, seconds: int) -> None:
    """Hides a message for so many seconds. Raises Transient."""
    _call(
        "change_message_visibility",
        settings(WebhookQueue).webhook_queue_url,
        ReceiptHandle=receipt_handle,
        VisibilityTimeout=seconds,
    )


def give_up(record: Mapping[str, Any]) -> None:
    """Puts a record that can't be handled into the queue of failed events. Raises Transient."""
    _call("send_message", settings(FailedEvents).failed_events_url, MessageBody=json.dumps(record))


def _call(operation: str, queue_url: str, **request: Any) -> None:
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        getattr(client("sqs"), operation)(QueueUrl=queue_url, **request)
    except ClientError as error:
        raise Transient(f"SQS: {error.response['Error']['Code']}") from error
    except BotoCoreError as error:
        raise Transient(f"SQS: {type(error).__name__}") from error
