"""`make chaos N=1000 SEED=1`: any number of histories, each reported when it is over."""

import argparse
import os
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from local.settings import StackSettings
from local.stack import Stack
from tests.chaos.histories.ground import Ground
from tests.chaos.histories.history import together
from tests.chaos.histories.users import FILM_EVERY
from tests.support.stacks import OTHERS

AT_ONCE = 8
STACK_HISTORIES = 200
"""A stack is made anew after so many: its tables only grow."""


def report(what: object) -> None:
    """Writes a line at once."""
    sys.stdout.write(f"{what}\n")
    sys.stdout.flush()


def main() -> int:
    """Runs them; 1 if one had a violation."""
    parser = argparse.ArgumentParser(prog="make chaos")
    parser.add_argument("--count", type=int, default=40, help="how many")
    parser.add_argument("--seed", type=int, default=1, help="the first one's")
    parser.add_argument("--at-once", type=int, default=AT_ONCE, help="1 to look at a single seed")
    parser.add_argument("--film-every", type=int, default=FILM_EVERY, help="1: each has a film")
    asked = parser.parse_args()
    os.environ.setdefault("AWS_DEFAULT_REGION", "eu-central-1")
    seeds = list(range(asked.seed, asked.seed + asked.count))
    faults, made, violated = Counter[str](), Counter[str](), list[int]()
    broken, strays = 0, list[str]()
    paid = delivered = pieces = 0
    begun = time.monotonic()
    with tempfile.TemporaryDirectory() as clips:
        for first in range(0, len(seeds), STACK_HISTORIES):
            settings = StackSettings(
                fork=True,
                generation_seconds=0.3,
                clips_dir=Path(clips),
                parameters=OTHERS["histories"],
            )
            with Stack(settings) as stack:
                part = seeds[first : first + STACK_HISTORIES]
                for at in range(0, len(part), asked.at_once):
                    some = part[at : at + asked.at_once]
                    for outcome in together(some, stack, asked.film_every):
                        report(outcome)
                        faults += outcome.faults
                        made += outcome.made
                        broken += outcome.broken
                        paid += outcome.money.paid
                        delivered += outcome.money.delivered
                        pieces += outcome.money.pieces
                        violated += [outcome.seed] * bool(outcome.violations)
                strays += Ground(stack).strays()
    spent = os.times()
    own, others = spent.user + spent.system, spent.children_user + spent.children_system
    report(
        f"{len(seeds)} histories in {time.monotonic() - begun:.0f} s, "
        f"{own:.0f} s of CPU here, {others:.0f} s in functions and renders"
    )
    report(f"faults: {dict(sorted(faults.items()))}; {broken} calls of ours broken")
    report(f"made: {dict(sorted(made.items()))}")
    report(f"films: {paid} credits paid; {pieces} distinct pieces delivered, worth {delivered}")
    report(f"violations in {len(violated)} histories: {violated}")
    report(f"objects that no row names a week later (I5): {strays}")
    return bool(violated or strays)


if __name__ == "__main__":
    sys.exit(main())
