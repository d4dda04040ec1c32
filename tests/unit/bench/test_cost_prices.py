"""From counts to dollars: the billed duration, the bill, the price list."""

import copy
from collections import Counter
from typing import Any

import pytest

from bench.cost_prices import PriceList, bill, billed_seconds, ffmpeg_speed, gb_seconds, total_of
from local.metering.tally import Counts, Invocation

PRICES = PriceList.read()


def invocation(memory_mb: int = 1769, **more: Any) -> Invocation:
    return Invocation("some_function", memory_mb, **more)


def with_assumption(name: str, value: float) -> PriceList:
    document = copy.deepcopy(PRICES.document)
    document["assumptions"][name]["value"] = value
    return PriceList(document)


@pytest.mark.parametrize(("memory_mb", "seconds"), [(1769, 2.0), (1024, 2.728), (3008, 2.0)])
def test_python_runs_on_its_share_of_a_vcpu_and_on_one_at_most(
    memory_mb: int, seconds: float
) -> None:
    one = invocation(memory_mb, wall_seconds=1.0, python_seconds=1.0)
    two = invocation(memory_mb, wall_seconds=2.0, python_seconds=1.0)
    share = min(1.0, memory_mb / 1769)
    assert billed_seconds(one, PRICES) == pytest.approx(1.0 / share, abs=0.001)
    assert billed_seconds(two, PRICES) == pytest.approx(seconds, abs=0.001)


def test_ffmpeg_uses_a_second_vcpu_but_not_all_of_it_and_no_third() -> None:
    assert ffmpeg_speed(0.5, PRICES) == 0.5
    assert ffmpeg_speed(1.7, PRICES) == pytest.approx(1.595)
    assert ffmpeg_speed(6, PRICES) == ffmpeg_speed(2, PRICES) == 1.85


def test_a_function_that_ran_ffmpeg_waited_for_its_calls_only() -> None:
    slow_machine = invocation(wall_seconds=60.0, child_seconds=10.0, call_seconds=0.5)
    assert billed_seconds(slow_machine, PRICES) == 10.5


def test_waiting_for_a_core_of_this_machine_is_not_billed() -> None:
    one = invocation(wall_seconds=1.0, python_seconds=0.25, queued_seconds=0.5)
    assert billed_seconds(one, PRICES) == 0.5


def test_a_duration_is_rounded_up_to_the_millisecond() -> None:
    assert billed_seconds(invocation(wall_seconds=0.0001), PRICES) == 0.001


def test_a_vendor_takes_longer_than_its_simulator() -> None:
    asked = invocation(wall_seconds=0.01, vendor_calls=2)
    assert billed_seconds(asked, PRICES) == 1.01


def test_a_slower_core_costs_as_much_more() -> None:
    one = invocation(wall_seconds=1.0, python_seconds=1.0)
    assert billed_seconds(one, with_assumption("core_factor", 1.5)) == 1.5


def test_cold_starts_are_billed_like_the_rest() -> None:
    warm = invocation(1024, wall_seconds=0.1)
    cold = invocation(1024, wall_seconds=0.1, init_wall_seconds=2.0, init_cpu_seconds=1.0)
    more = gb_seconds(Counts(invocations=(cold,)), PRICES) - gb_seconds(
        Counts(invocations=(warm,)), PRICES
    )
    assert more == pytest.approx(1769 / 1024, abs=0.001)


def test_a_bill_is_counts_times_prices() -> None:
    counts = Counts(
        Counter(
            {
                ("state transitions", "film"): 1000,
                ("dynamodb write units", "film"): 1_000_000,
                ("dynamodb read units", "film"): 1_000_000,
                ("s3 puts", "film"): 1000,
                ("s3 gets", "film"): 1000,
                ("api requests", "film"): 1_000_000,
                ("internet bytes", "film"): 1_000_000_000,
            }
        )
    )
    made = bill(counts, PRICES, "arm64")
    assert made["Step Functions"] == pytest.approx(0.025)
    assert made["DynamoDB"] == pytest.approx(0.75)
    assert made["S3 requests"] == pytest.approx(0.0054)
    assert made["API Gateway"] == pytest.approx(3.5)
    assert made["X-Ray"] == pytest.approx(5.0)
    assert made["Transfer"] == pytest.approx(0.09)
    assert total_of(made) == pytest.approx(sum(made.values()))


def test_arm64_is_a_fifth_cheaper_than_x86_64() -> None:
    counts = Counts(invocations=(invocation(wall_seconds=1000.0),))
    x86, arm = (bill(counts, PRICES, name)["Lambda"] for name in ("x86_64", "arm64"))
    assert arm / x86 == pytest.approx(0.8, abs=0.001)


def test_every_price_says_unit_date_and_source_and_what_an_unverified_one_rests_on() -> None:
    for name, row in PRICES.document["prices"].items():
        assert row["price"] > 0, name
        assert {"unit", "date", "source", "verified"} <= set(row), name
    rows = [*PRICES.document["prices"].values(), *PRICES.document["published"]]
    assert all(row["verified"] or row["rests_on"] for row in rows)
    assert all(row["why"] for row in PRICES.document["assumptions"].values())
