"""Defects to plant into functions: run in their processes before they are (`SHOWREEL_PRELOAD`)."""

import os
from collections.abc import Callable
from typing import Any


def hold_not_closed() -> None:
    """Money that was set aside never comes back."""
    from showreel.credits.ledger import Ledger

    replace(Ledger, close=lambda *_: "posted")


def blind_resend() -> None:
    """A create is sent again without a look at what became of the first."""
    from showreel.generation.steps import submit

    post = submit._post

    def twice(*arguments: Any) -> Any:
        post(*arguments)
        return post(*arguments)

    replace(submit, _post=twice)


def slot_not_freed() -> None:
    """A run that is over keeps its place."""
    from showreel.runs.queue import Queue

    replace(Queue, leave=lambda *_: None)


def event_skipped() -> None:
    """A change of a run is told to nobody."""
    from showreel.runs import store

    transact = store.transact

    def without_events(writes: Any) -> None:
        kept = [write for write in writes if "event#00000002" not in str(write.request)]
        transact(kept)

    replace(store, transact=without_events)


def clip_dropped() -> None:
    """A film is short of a clip and doesn't say so."""
    from showreel.films.pipeline.outcome import Outcome

    replace(Outcome, missing_clips=lambda _: [])


def not_kept() -> None:
    """What a run has paid isn't kept for the next one, which pays again."""
    from showreel.films.pipeline import kept, paid

    for module in (kept, paid):
        replace(module, keep=lambda *_: None)


def node_not_kept() -> None:
    """What a node has made isn't found by the next run, which pays again."""
    from showreel.graphs.runs.cache import Cache

    replace(Cache, keep=lambda *_: None)


PLANTS: dict[str, Callable[[], None]] = {
    plant.__name__: plant
    for plant in (
        hold_not_closed,
        blind_resend,
        slot_not_freed,
        event_skipped,
        clip_dropped,
        not_kept,
        node_not_kept,
    )
}


def replace(owner: Any, **names: Any) -> None:
    for name, value in names.items():
        setattr(owner, name, value)


if __name__ == "preload":
    PLANTS[os.environ["PLANT"]]()
