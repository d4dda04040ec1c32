"""One account of moto per stack, so that several stacks fit into a process; emptied at the end."""

import itertools
import sys
import threading
from typing import Any

from moto.backends import get_backend
from moto.s3.models import FakeKey, s3_backends

FIRST_ACCOUNT = 123456789012
SERVICES = ("dynamodb", "secretsmanager", "ssm", "events", "sqs")
_used: set[str] = set()
_lock = threading.Lock()


def take(wanted: str) -> str:
    """Reserves the account, or the lowest free one if it is empty. Raises ValueError if in use."""
    with _lock:
        free = (str(number) for number in itertools.count(FIRST_ACCOUNT))
        account = wanted or next(number for number in free if number not in _used)
        if account in _used:
            raise ValueError(f"account {account} is in use by another stack of this process")
        _used.add(account)
        return account


def give_back(account: str, region: str) -> None:
    """Forgets everything in the account."""
    for service in SERVICES:
        if f"moto.{service}.models" not in sys.modules:
            continue  # nobody called it, and importing some of them takes a second
        backends: Any = get_backend(service)
        backends[account][region].reset()
    empty_s3(account)
    with _lock:
        _used.discard(account)


def empty_s3(account: str) -> None:
    """Empties S3 in one account; its own reset would close the objects of every stack."""
    backend = s3_backends[account]["aws"]
    for bucket in backend.buckets.values():
        for key in bucket.keys.values():
            if isinstance(key, FakeKey):
                key.dispose()
        s3_backends.bucket_accounts.pop(bucket.name, None)
    backend.buckets.clear()
