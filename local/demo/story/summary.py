"""The last words of a story: what was made, how long it took, what it cost and by what."""

import time
from collections.abc import Sequence

from local.demo.story.account import Account
from local.demo.story.production import Story
from showreel_client import Export

CAPTION_FILES = "captions.vtt, captions.srt"
CAPTION_TEXTS = {
    "both": f"burnt in; also {CAPTION_FILES}",
    "sidecar": CAPTION_FILES,
    "none": "none",
}
SIMULATED = (
    "Texts, pictures, videos, voices and music are SIMULATED: simulators of the vendors on this"
    " machine drew, moved and hummed them. Everything around them is what deploys; a deployment"
    " with the vendors' keys gets the vendors' work."
)


def summary(story: Story, export: Export) -> list[str]:
    """Returns every line of the summary."""
    options, output = story.options, export.output
    scenes = len(options.scenes)
    length = f"{output.get('durationSeconds', 0):.2f} s, {len(story.shots)} shots in {scenes}"
    return [
        f"{'Story':<15}{export.status}  {options.out / 'story.mp4'}",
        _row("title", story.plan.title if story.plan else ""),
        _row("length", f"{length} scene{'s' if scenes > 1 else ''}"),
        _row("captions", CAPTION_TEXTS[options.captions]),
        _row("time", _times(story)),
        *_credits(story.account),
        "",
        SIMULATED,
    ]


def paid_line(account: Account) -> str:
    """Returns in one line what was paid so far."""
    paid = account.paid()
    parts = ", ".join(f"{what} {count}" for what, count in paid.items())
    spent = account.before - account.balance()
    return f"Paid: {spent} credits{f' ({parts})' if parts else ''}."


def _credits(account: Account) -> list[str]:
    paid, after = account.paid(), account.balance()
    spent = account.before - after
    balances = f"{account.before} before, {after} after"
    rows = [(what, count) for what, count in paid.items()]
    return [
        f"{'Credits':<15}{balances}",
        *(_row(what, f"{count:4d}") for what, count in rows),
        _row("spent", f"{spent:4d}{_difference(spent, [count for _, count in rows])}"),
    ]


def _difference(spent: int, parts: Sequence[int]) -> str:
    missing = spent - sum(parts)
    return f" ({missing} of it not in the ledger)" if missing else ""


def _times(story: Story) -> str:
    begun = [*story.seconds.items()]
    ends = [at for _, at in begun[1:]] + [time.monotonic()]
    spans = [f"{step} {end - at:.1f} s" for (step, at), end in zip(begun, ends, strict=True)]
    return f"{', '.join(spans)}; in all {ends[-1] - begun[0][1]:.1f} s"


def _row(name: str, text: str) -> str:
    return f"  {name:<13}{text}"
