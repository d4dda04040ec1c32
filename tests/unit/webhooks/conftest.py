"""A workspace with webhooks, and time that passes when a test says so."""

import json
import math
import random
from collections.abc import Iterator
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from moto.sqs import models as sqs_models
from moto.sqs.models import sqs_backends

from local.aws import queues
from showreel.core import clock as product_clock
from showreel.core import secrets
from showreel.core.dynamo import Table
from showreel.webhooks import delivery
from tests.support.cloud import ACCOUNT, REGION, client, empty_cloud
from tests.unit.webhooks.world import FAILED, QUEUE, Clock, World

SECRET_ARN = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:hooks"


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The product's time and SQS's."""
    made = Clock()

    class Moved(datetime):
        @classmethod
        def now(cls, tz: object = None) -> datetime:  # type: ignore[override]
            return datetime.fromtimestamp(made(), UTC)

    queues.mend()
    monkeypatch.setattr(product_clock, "time", SimpleNamespace(time=made))
    monkeypatch.setattr(product_clock, "datetime", Moved)
    monkeypatch.setattr(sqs_models, "unix_time", made)
    monkeypatch.setattr(sqs_models, "unix_time_millis", lambda: made() * 1000)
    return made


@pytest.fixture
def world(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    random.seed(7)  # waits have jitter, and some sums of them are longer than a test looks
    with empty_cloud():
        key = json.dumps({"webhook_key": "the-stacks-own-key"})
        monkeypatch.setitem(secrets._kept, SECRET_ARN, (math.inf, key))
        monkeypatch.setenv("WEBHOOK_SECRET_ARN", SECRET_ARN)
        sqs_backends[ACCOUNT][REGION].reset()
        attributes = {
            "FifoQueue": "true",
            "VisibilityTimeout": "180",
            "MessageRetentionPeriod": "1209600",
        }
        made = client("sqs").create_queue(QueueName=QUEUE, Attributes=attributes)
        monkeypatch.setenv("WEBHOOK_QUEUE_URL", made["QueueUrl"])
        failed = client("sqs").create_queue(QueueName=FAILED)
        monkeypatch.setenv("FAILED_EVENTS_URL", failed["QueueUrl"])
        for user, role in (("owner", "owner"), ("member", "member")):
            Table("identity").put({"pk": "workspace#w", "sk": f"member#{user}", "role": role})
        world = World(clock)
        monkeypatch.setattr(delivery, "send", world.send)
        yield world
