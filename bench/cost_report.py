"""Prints what was measured and what it costs."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from bench.cost_prices import Bill, PriceList, billed_seconds, gb_seconds, total_of
from local.metering.tally import Counts

COUNTED = (
    "state transitions",
    "executions",
    "dynamodb write units",
    "dynamodb read units",
    "s3 puts",
    "s3 gets",
    "api requests",
    "internet bytes",
    "log bytes",
)
WIDTH = 13


def print_counts(sections: Mapping[str, Counts], prices: PriceList) -> None:
    """One row a kind of thing counted, one column a section."""
    _row("counted", list(sections))
    _row("invocations", [f"{len(one.invocations):,}" for one in sections.values()])
    _row("GB-seconds", [f"{gb_seconds(one, prices):,.1f}" for one in sections.values()])
    cpu = [
        sum(i.python_seconds + i.child_seconds for i in c.invocations) for c in sections.values()
    ]
    _row("CPU seconds", [f"{seconds:,.1f}" for seconds in cpu])
    for metric in COUNTED:
        _row(metric, [f"{one.total(metric):,.0f}" for one in sections.values()])


def print_bills(bills: Mapping[str, Bill]) -> None:
    """One row a service, one column a bill, in dollars."""
    _row("dollars", list(bills))
    services = {service: None for one in bills.values() for service in one}
    for service in services:
        cells = [one.get(service, 0.0) for one in bills.values()]
        if any(cells):
            _row(service, [_dollars(cell) for cell in cells])
    _row("together", [_dollars(total_of(one)) for one in bills.values()])


def _row(label: str, cells: Sequence[str]) -> None:
    print(f"{label:<21}" + "".join(f"{cell:>{WIDTH}}" for cell in cells))


def _dollars(amount: float) -> str:
    return f"{amount:.6f}" if amount < 1 else f"{amount:.2f}"


def print_functions(counts: Counts, prices: PriceList, most: int = 8) -> None:
    """The functions that take the most GB-seconds."""
    share: Counter[str] = Counter()
    for one in counts.invocations:
        share[one.function] += billed_seconds(one, prices) * one.memory_mb / 1024  # type: ignore[assignment]  # floats too
    print("Most GB-seconds: " + ", ".join(f"{name} {n:.1f}" for name, n in share.most_common(most)))


def print_comparison(own_per_minute: float, published: Sequence[dict[str, Any]]) -> None:
    """Our minute beside what others publish."""
    print(f"{'a minute of 1080p':<54}{'dollars':>9}  {'times':>6}")
    print(f"{'Showreel, models excluded':<54}{own_per_minute:9.4f}")
    for one in published:
        price = float(one["price_per_minute"])
        mark = "" if one["verified"] else f"  not verified: {one['rests_on']}"
        print(f"{one['name']:<54}{price:9.4f}  {price / own_per_minute:5.1f} x{mark}")
