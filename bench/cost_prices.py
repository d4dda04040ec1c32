"""From counts to dollars: prices and assumptions of `prices.json`, and the rules that use them."""

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.metering.tally import Counts, Invocation

PRICES_FILE = Path(__file__).with_name("prices.json")
GB = 1e9
"""Storage and transfer. Lambda's memory is in units of 1,024 MB."""
MB_PER_GB = 1024
COLLECTOR = "generation_collect"
"""The function that downloads what vendors made."""

type Bill = dict[str, float]
"""Dollars by service."""


@dataclass(frozen=True)
class PriceList:
    """`prices.json`, read."""

    document: dict[str, Any]

    @classmethod
    def read(cls, path: Path = PRICES_FILE) -> "PriceList":
        """The list in a file."""
        return cls(json.loads(path.read_text()))

    def price(self, name: str) -> float:
        """Dollars per unit. Raises KeyError."""
        return float(self.document["prices"][name]["price"])

    def assumed(self, name: str) -> float:
        """The value of an assumption. Raises KeyError."""
        return float(self.document["assumptions"][name]["value"])

    def unverified(self) -> list[str]:
        """Prices whose source could not be read, with what they rest on."""
        rows = self.document["prices"].items()
        return [f"{name}: {row['rests_on']}" for name, row in rows if not row["verified"]]


def billed_seconds(one: Invocation, prices: PriceList) -> float:
    """What Lambda would bill for an invocation, without its initialisation, to the millisecond.

    Waiting, Python's CPU on at most one vCPU, FFmpeg's on at most two, one after the other.
    """
    share = one.memory_mb / prices.assumed("mb_per_vcpu")
    factor = prices.assumed("core_factor")
    python = one.python_seconds * factor / min(1.0, share)
    ffmpeg = one.child_seconds * factor / ffmpeg_speed(share, prices)
    waiting = waiting_seconds(one) + one.vendor_calls * prices.assumed("vendor_seconds")
    return math.ceil((waiting + python + ffmpeg) * 1000) / 1000


def ffmpeg_speed(share: float, prices: PriceList) -> float:
    """How many CPU seconds FFmpeg gets through in a second with so many vCPUs."""
    if share <= 1:
        return share
    return 1 + (min(share, prices.assumed("most_threads")) - 1) * prices.assumed("second_thread")


def waiting_seconds(one: Invocation) -> float:
    """How long it only waited. A function that ran FFmpeg waited for its calls, and no longer."""
    if one.child_seconds > 0:
        return one.call_seconds
    return max(0.0, one.wall_seconds - one.python_seconds - one.queued_seconds)


def init_seconds(one: Invocation, prices: PriceList) -> float:
    """What Lambda would bill for the initialisation: since August 2025 the same as the rest."""
    share = one.memory_mb / prices.assumed("mb_per_vcpu")
    seconds = one.init_cpu_seconds * prices.assumed("core_factor") / min(1.0, share)
    return math.ceil(seconds * 1000) / 1000


def gb_seconds(counts: Counts, prices: PriceList) -> float:
    """GB-seconds of all invocations with their cold starts, and of fetching results."""
    seconds = sum(
        (billed_seconds(one, prices) + init_seconds(one, prices)) * one.memory_mb
        for one in counts.invocations
    )
    fetching = counts.total("result bytes") / prices.assumed("result_bytes_per_second")
    memory = max((i.memory_mb for i in counts.invocations if i.function == COLLECTOR), default=0)
    return (seconds + fetching * memory) / MB_PER_GB


def bill(counts: Counts, prices: PriceList, architecture: str) -> Bill:
    """What counts cost, by service; what costs by the month is not in here."""
    total, price = counts.total, prices.price
    runs = len(counts.invocations)
    traces = total("api requests") + total("executions") + total("scheduled")
    log_bytes = (
        total("log bytes")
        + total("log events") * prices.assumed("log_event_bytes")
        + runs * prices.assumed("platform_log_bytes")
    )
    compute = gb_seconds(counts, prices) * price(f"lambda_gb_second_{architecture}")
    return {
        "Step Functions": total("state transitions") * price("state_transition"),
        "Lambda": compute + runs * price("lambda_request"),
        "DynamoDB": total("dynamodb write units") * price("dynamodb_write_unit")
        + total("dynamodb read units") * price("dynamodb_read_unit"),
        "S3 requests": total("s3 puts") * price("s3_put") + total("s3 gets") * price("s3_get"),
        "API Gateway": total("api requests") * price("api_request"),
        "X-Ray": traces * prices.assumed("traced_share") * price("xray_trace"),
        "Logs": log_bytes / GB * price("logs_gb"),
        "Transfer": total("internet bytes") / GB * price("internet_gb"),
        "Secrets": total("secretsmanager GetSecretValue") * price("secret_call"),
    }


def total_of(one: Bill) -> float:
    """The sum of a bill."""
    return sum(one.values())


def scaled(one: Bill, factor: float) -> Bill:
    """A bill times a factor."""
    return {service: dollars * factor for service, dollars in one.items()}
