"""Rate limits of orders that cost money and of sign-ins: a token bucket per caller or address.

    id = orders#<user>         full_ms: when the bucket is full again, expiration: when to forget it
    id = sign-ins#<address>    the same

One row per caller. An order costs one conditional write, and a second one if the bucket isn't full;
a refused order costs writes that fail. What doesn't cost money is limited by the gateway and AWS
WAF, which write nothing (decision 0069).
"""

import ipaddress
import time
from typing import Any

from showreel.core.aws import client
from showreel.core.errors import RateLimited
from showreel.core.observability import logger
from showreel.core.settings import IdempotencyTable, OrderLimits, settings

KEEP_SECONDS = 3600
"""How long a row stays after its bucket is full again; without a row it counts as full."""
MINUTE_MS = 60_000
IPV6_PREFIX = 64
"""The smallest IPv6 network that a subscriber has (RFC 6177)."""
SPARE_AT_ONCE = 5


def take_order(user_id: str) -> None:
    """Takes an order from the caller's bucket. Raises RateLimited with the seconds until there is
    one again. While the table can't be used nobody is limited.
    """
    rules = settings(OrderLimits)
    if user_id:
        _take(f"orders#{user_id}", rules.orders_per_minute, rules.orders_at_once, "orders")


def take_sign_in(source_address: str, per_minute: int) -> None:
    """Takes a sign-in from an address's bucket, as `take_order` does. 0 a minute is no limit."""
    name = f"sign-ins#{_subscriber(source_address)}"
    _take(name, per_minute, per_minute, "sign-ins from this address")


def _subscriber(source_address: str) -> str:
    """Returns the address, or an IPv6 address's network, all of which is one subscriber's."""
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
    """Takes one from a bucket of five that refills by one a minute; returns False if it is empty.
    For work that costs no credits.
    """
    return not _taken(name, MINUTE_MS, (SPARE_AT_ONCE - 1) * MINUTE_MS)


def _taken(name: str, interval_ms: int, ahead_ms: int) -> int:
    """Takes an order; returns 0, or the milliseconds to wait if the bucket is empty: if it would be
    full more than `ahead_ms` from now.
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
    """Updates the bucket; returns its `full_ms` if the condition doesn't hold, else None."""
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
        response: Any = error.response
        if response["Error"]["Code"] == "ConditionalCheckFailedException":
            return int(response["Item"]["full_ms"]["N"])
        logger().warning("a caller's limit can't be read", code=response["Error"]["Code"])
    except BotoCoreError as error:
        logger().warning("a caller's limit can't be read", code=type(error).__name__)
    return None
