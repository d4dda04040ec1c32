"""Prints what was measured and what it costs."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from bench.cost_prices import MB_PER_GB, Bill, PriceList, billed_seconds, gb_seconds, total_of
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
WIDTH = 15
MEMORY_SIZES = (512, 1024, 1769, 3008)


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


def print_memory(counts: Counts, prices: PriceList, architecture: str, most: int = 6) -> None:
    """The functions that cost most, and what the same CPU and waiting would cost at other sizes."""
    sizes = [f"{size:,} MB" for size in MEMORY_SIZES]
    print("Dollars of a film, and seconds of an invocation, by memory size")
    _row("function", ["now", *sizes])
    dollars = prices.price(f"lambda_gb_second_{architecture}")
    for name in _most_expensive(counts, prices)[:most]:
        those = [one for one in counts.invocations if one.function == name]
        cells = [f"{those[0].memory_mb:,} MB"]
        for size in MEMORY_SIZES:
            seconds = sum(billed_seconds(replace(i, memory_mb=size), prices) for i in those)
            cost = seconds * size / MB_PER_GB * dollars
            cells.append(f"{cost:.6f} {seconds / len(those):.1f}s")
        _row(name.removeprefix("pipeline_"), cells)


def _most_expensive(counts: Counts, prices: PriceList) -> list[str]:
    share: dict[str, float] = {}
    for one in counts.invocations:
        spent = billed_seconds(one, prices) * one.memory_mb
        share[one.function] = share.get(one.function, 0.0) + spent
    return sorted(share, key=lambda name: -share[name])


def print_comparison(own_per_minute: float, published: Sequence[dict[str, Any]]) -> None:
    """Our minute beside what others publish."""
    print(f"{'a minute of 1080p':<54}{'dollars':>9}  {'times':>6}")
    print(f"{'Showreel, models excluded':<54}{own_per_minute:9.4f}")
    for one in published:
        price = float(one["price_per_minute"])
        mark = "" if one["verified"] else f"  not verified: {one['rests_on']}"
        print(f"{one['name']:<54}{price:9.4f}  {price / own_per_minute:5.1f} x{mark}")
