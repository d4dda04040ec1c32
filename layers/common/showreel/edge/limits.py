"""How often one caller may order what costs money, or sign in: a bucket that refills steadily.

    id = orders#<user>         full_ms: when the bucket is full again, expiration: when to forget it
    id = sign-ins#<address>    the same

One row per caller, whatever they did before. An order costs one conditional write, a second one
for a caller whose bucket isn't full; who may not order is told by a write that fails. What doesn't
cost money is limited by the gateway and AWS WAF, which write nothing (decision 0069).
"""

import ipaddress
import time
from typing import Any

from showreel.core.aws import client
from showreel.core.errors import RateLimited
from showreel.core.observability import logger
from showreel.core.settings import IdempotencyTable, OrderLimits, settings

KEEP_SECONDS = 3600
"""How long after it is full a bucket is forgotten, which is the same as full."""
MINUTE_MS = 60_000
IPV6_PREFIX = 64
"""What one subscriber has of IPv6, at least (RFC 6177)."""
SPARE_AT_ONCE = 5


def take_order(user_id: str) -> None:
    """Takes an order out of the caller's bucket. Raises RateLimited with the time until there is
    one again. A table that can't be used limits nobody.
    """
    rules = settings(OrderLimits)
    if user_id:
        _take(f"orders#{user_id}", rules.orders_per_minute, rules.orders_at_once, "orders")


def take_sign_in(source_address: str, per_minute: int) -> None:
    """Takes a sign-in out of an address's bucket, as `take_order` does. 0 a minute is no limit."""
    name = f"sign-ins#{_subscriber(source_address)}"
    _take(name, per_minute, per_minute, "sign-ins from this address")


def _subscriber(source_address: str) -> str:
    """Returns the address, or of an IPv6 one its network: a subscriber has all of it."""
    if ":" not in source_address:
        return source_address
    return str(ipaddress.ip_network((source_address, IPV6_PREFIX), strict=False))


def _take(name: str, per_minute: int, at_once: int, what: str) -> None:
    if per_minute:
        interval_ms = MINUTE_MS // per_minute
        wait_ms = _taken(name, interval_ms, interval_ms * (at_once - 1))
        if wait_ms > 0:
            message = f"More than {per_minute} {what} a minute"
            raise RateLimited(message, retry_after_seconds=-(-wait_ms // 1000))


def take_spare(name: str) -> bool:
    """Returns whether there is room for something that costs nobody anything: five at once, one
    more a minute.
    """
    return not _taken(name, MINUTE_MS, (SPARE_AT_ONCE - 1) * MINUTE_MS)


def _taken(name: str, interval_ms: int, ahead_ms: int) -> int:
    """Returns 0 if an order was taken, else how long to wait. The bucket is empty while it is full
    more than `ahead_ms` from now.
    """
    now_ms = int(time.time() * 1000)
    full = _change(
        name,
        "SET full_ms = :next, expiration = :end",
        "attribute_not_exists(full_ms) OR full_ms <= :now",
        now=now_ms,
        next=now_ms + interval_ms,
        end=now_ms // 1000 + KEEP_SECONDS,
    )
    if full is None:
        return 0
    if full > now_ms + ahead_ms:
        return full - now_ms - ahead_ms
    later = _change(
        name,
        "SET full_ms = full_ms + :interval, expiration = :end",
        "full_ms <= :most",
        interval=interval_ms,
        most=now_ms + ahead_ms,
        end=(now_ms + ahead_ms) // 1000 + KEEP_SECONDS,
    )
    return 0 if later is None else max(1, later - now_ms - ahead_ms)


def _change(name: str, update: str, condition: str, **values: int) -> int | None:
    """Changes the bucket; returns when it is full if the condition doesn't hold, else None."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        client("dynamodb").update_item(
            TableName=settings(IdempotencyTable).idempotency_table,
            Key={"id": {"S": name}},
            UpdateExpression=update,
            ConditionExpression=condition,
            ExpressionAttributeValues={f":{key}": {"N": str(of)} for key, of in values.items()},
            ReturnValuesOnConditionCheckFailure="ALL_OLD",
        )
    except ClientError as error:
        told: Any = error.response
        if told["Error"]["Code"] == "ConditionalCheckFailedException":
            return int(told["Item"]["full_ms"]["N"])
        logger().warning("a caller's limit can't be read", code=told["Error"]["Code"])
    except BotoCoreError as error:
        logger().warning("a caller's limit can't be read", code=type(error).__name__)
    return None
