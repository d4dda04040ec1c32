"""What films, videos, streams and an idle month cost on AWS, models excluded.

Counts real runs of the local stack and prices them with `prices.json`. Takes about ten minutes.
ARCHITECTURE=arm64 (default, as in production) or x86_64. Exits with 1 if the target is missed.
"""

import os
import sys

from bench.cost_month import idle_month, resources, stored_month
from bench.cost_prices import GB, MB_PER_GB, PriceList, bill, init_seconds, scaled, total_of
from bench.cost_report import print_bills, print_comparison, print_counts, print_memory
from bench.cost_scenarios import Section, Studio
from local.metering.tally import Counts
from local.settings import StackSettings
from local.stack import Stack

TARGET_DOLLARS = 0.004
"""For a finished minute of 1080p."""
CLIPS = 6
LONG, SHORT = 10, 5
"""Seconds of a clip: the two lengths that there are."""
MINUTE = 60.0
ARCHITECTURES = ("arm64", "x86_64")


def main() -> int:
    """Entry point. Returns the exit status."""
    prices = PriceList.read()
    architecture = os.environ.get("ARCHITECTURE") or "arm64"
    with Stack(StackSettings(meter=True)) as stack:
        sections = _measure(Studio(stack))
        month = idle_month(stack.template, sections["idle"], prices, architecture)
        kept = resources(stack.template)
    _show_parts(sections, prices, architecture)
    print(f"\nAn idle month: the loop every minute, {kept}")
    print_bills({"idle month": month})
    per_minute = _show_film(sections, prices, architecture)
    print_comparison(per_minute, prices.document["published"])
    print("\nPrices that could not be verified:")
    print("\n".join(f"  {line}" for line in prices.unverified()))
    print(f"\na minute of 1080p: ${per_minute:.4f}   (target <= ${TARGET_DOLLARS})")
    return 0 if per_minute <= TARGET_DOLLARS else 1


def _measure(studio: Studio) -> dict[str, Section]:
    """Every scenario once; the first film finds every function cold."""
    print("Cold: a film of three clips …", flush=True)
    cold = studio.film("cold", 3, SHORT)
    print(f"Warm: films of {CLIPS} clips …", flush=True)
    long = studio.film("long", CLIPS, LONG)
    short = studio.film("short", CLIPS, SHORT)
    draft = studio.draft("draft", CLIPS)
    print("A single video, a text, the idle loop …", flush=True)
    single, text = studio.single_video("single"), studio.text("text")
    idle = studio.idle("idle")
    every = (cold, long, short, draft, single, text, idle)
    return {section.name: section for section in every}


def _show_parts(sections: dict[str, Section], prices: PriceList, architecture: str) -> None:
    long, text = sections["long"], sections["text"]
    counts = {
        f"{CLIPS} x {LONG} s": long.without_viewers(),
        "its jobs": long.jobs(),
        f"{CLIPS} x {SHORT} s": sections["short"].without_viewers(),
        "draft": sections["draft"].without_viewers(),
        "single video": sections["single"].counts,
        "viewer": long.viewers(),
        "text": text.counts,
    }
    print()
    print_counts(counts, prices)
    print(f"\n{prices.document['region']}, {architecture}, {prices.document['looked_up']}")
    bills = {name: bill(one, prices, architecture) for name, one in counts.items()}
    bills["viewer min"] = scaled(bills.pop("viewer"), MINUTE / long.seconds)
    bills["text min"] = scaled(bills.pop("text"), MINUTE / _streamed_seconds(text))
    print_bills(bills)
    print()
    print_memory(long.without_viewers(), prices, architecture)


def _streamed_seconds(section: Section) -> float:
    """How long the function streamed."""
    return max(one.wall_seconds for one in section.counts.invocations)


def _show_film(sections: dict[str, Section], prices: PriceList, architecture: str) -> float:
    """What a film costs per clip and per minute; returns dollars per minute of the long one."""
    print()
    for name in ("long", "short"):
        _show_one(sections[name], prices, architecture)
    cold = sections["cold"].without_viewers().invocations
    init = sum(init_seconds(one, prices) * one.memory_mb / MB_PER_GB for one in cold)
    starts = sum(one.is_cold for one in cold)
    price = prices.price(f"lambda_gb_second_{architecture}")
    print(f"{starts} cold starts of a first film: ${init * price:.6f} more\n")
    long = sections["long"]
    return _per_minute(long, long.without_viewers(), prices, architecture)


def _show_one(film: Section, prices: PriceList, architecture: str) -> None:
    counts, jobs = film.without_viewers(), film.jobs()
    dollars = total_of(bill(counts, prices, architecture))
    of_jobs = total_of(bill(jobs, prices, architecture))
    pieces = jobs.total("executions")
    minutes = {name: _per_minute(film, counts, prices, name) for name in ARCHITECTURES}
    delivered = film.film_bytes / GB * prices.price("internet_gb")
    kept = stored_month(film, prices)
    print(f"{film.clips} clips, {film.film_seconds:.0f} s of film")
    print(f"  a film        ${dollars:.6f}")
    print(f"  a clip        ${dollars / film.clips:.6f} with its transition")
    print(f"  a generation  ${of_jobs / pieces:.6f}, {pieces:.0f} in the film, the model excluded")
    for name, price in minutes.items():
        print(f"  a minute      ${price:.6f} on {name}")
    alone = (dollars - of_jobs) * MINUTE / film.film_seconds
    print(f"  a minute      ${alone:.6f} of it for making the film of generated pieces")
    print(f"  not in there  first delivery ${delivered:.6f} ({film.film_bytes / 1e6:.1f} MB)")
    print(f"                files and rows in their first month ${kept:.6f}")


def _per_minute(film: Section, counts: Counts, prices: PriceList, architecture: str) -> float:
    return total_of(bill(counts, prices, architecture)) * MINUTE / film.film_seconds


if __name__ == "__main__":
    sys.exit(main())
