"""The last words of the demo: what was made, what it cost, how long it took, what is simulated."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.demo.options import BUILTIN_MODEL
from local.demo.timing import Stopwatch


@dataclass(frozen=True)
class Made:
    """One run, finished: its last state, its times, and its file if there is one."""

    run: dict[str, Any]
    watch: Stopwatch
    model: str
    file: Path | None = None


@dataclass(frozen=True)
class Money:
    """The workspace's credits around all runs, and the estimate of the film (None: no film)."""

    before: dict[str, Any]
    after: dict[str, Any]
    estimate: dict[str, Any] | None


def dollars(cents: float) -> str:
    """US cents as dollars."""
    return f"${cents / 100:.2f}"


def summary(made: list[Made], money: Money) -> list[str]:
    """Returns every line of the summary."""
    lines = [line for one in made for line in _film(one)]
    return [*lines, *_costs(made, money), "", *honesty(made)]


def _film(made: Made) -> list[str]:
    output = made.run.get("output") or {}
    title = "Draft" if made.run.get("draft") else "Film"
    place = f"  {made.file}" if made.file else ""
    lines = [f"{title:<15}{made.run['status']}{place}"]
    if "durationSeconds" in output:
        lines.append(_row("length", f"{output['durationSeconds']:.2f} s"))
    if output:
        lines += [
            _row("clips", clips_line(output)),
            _row("transitions", transitions_line(made.run)),
        ]
    lines.append(_row("credits", credits_line(made.run)))
    lines.append(_row("time", times_line(made.watch)))
    if made.run["status"] != "completed" and made.run.get("error"):
        lines.append(_row("reason", str(made.run["error"].get("message"))))
    return [*lines, ""]


def _row(name: str, text: str) -> str:
    return f"  {name:<13}{text}"


def clips_line(output: dict[str, Any]) -> str:
    """Returns how many clips are in the film, and which are missing and why."""
    text = str(output.get("completedClips", "?"))
    missing = output.get("missingClips") or []
    if missing:
        reasons = ", ".join(str(clip.get("reason")) for clip in missing)
        text += f", {len(missing)} missing ({reasons})"
    return text


def transitions_line(run: dict[str, Any]) -> str:
    """Returns the transitions by kind, and which of them are less than what was asked for."""
    transitions = (run.get("output") or {}).get("transitions") or []
    if not transitions:
        return "none"
    kinds = Counter(str(transition.get("kind")) for transition in transitions)
    text = ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items()))
    lesser = [
        transition
        for transition in transitions
        if transition.get("kind") != transition.get("requested")
    ]
    if not lesser:
        return text
    if run.get("draft"):
        return f"{text} (a draft crossfades where the film will have made transitions)"
    return f"{text} (not as asked for: {', '.join(_lesser(transition) for transition in lesser)})"


def _lesser(transition: dict[str, Any]) -> str:
    place = int(transition["index"]) + 1
    return f"{place}→{place + 1} {transition['requested']} became {transition['kind']}"


def credits_line(run: dict[str, Any]) -> str:
    """Returns what the run held, kept and gave back."""
    parts = run.get("credits") or {}
    return ", ".join(f"{name} {parts.get(name, 0)}" for name in ("held", "posted", "released"))


def times_line(watch: Stopwatch) -> str:
    """Returns seconds of each step, and from the last piece to the finished film."""
    steps = watch.seconds_per_step()
    text = ", ".join(f"{step} {seconds:.1f} s" for step, seconds in steps.items())
    last = watch.after_last_piece()
    return text + (f"; last piece to finished film {last:.1f} s" if last is not None else "")


def _costs(made: list[Made], money: Money) -> list[str]:
    actual = sum((one.run.get("output") or {}).get("actualCostCents", 0) for one in made)
    lines = ["Costs"]
    if money.estimate:
        parts = money.estimate
        audio = f" + sound {dollars(parts['audioCents'])}" if parts.get("audioCents") else ""
        lines.append(
            _row(
                "estimate",
                f"{dollars(parts['totalCents'])} of the vendor's time (clips"
                f" {dollars(parts['clipsCents'])}{audio} + transitions"
                f" {dollars(parts['transitionsCents'])}), {parts['credits']} credits",
            )
        )
    lines.append(
        _row("actual", f"{dollars(actual)} if the vendor were real; simulated, so nothing")
    )
    before, after = money.before["balance"], money.after["balance"]
    lines.append(
        _row("balance", f"{before} credits before, {after} after ({before - after} spent)")
    )
    return lines


def _asked_of_nobody(made: list[Made]) -> str:
    simulated = any(one.model != BUILTIN_MODEL for one in made)
    return " if the vendor were real; it is simulated, so nothing" if simulated else ""


def honesty(made: list[Made]) -> list[str]:
    """Says which moving pictures are real and which are simulated."""
    lines = []
    if any(one.model == BUILTIN_MODEL for one in made):
        lines.append(
            f"The pictures of {BUILTIN_MODEL}{_of_the_draft(made)} are real: camera moves over your"
            " stills, made by the product itself, here as in AWS."
        )
    others = sorted({one.model for one in made if one.model != BUILTIN_MODEL})
    if others:
        lines.append(
            f"The pictures of {', '.join(others)} are SIMULATED: a simulator of the vendor on this"
            " machine moved a camera over the stills and morphed between them. Everything around"
            " them is what deploys; a deployment with the vendor's keys gets the vendor's pictures."
        )
    return lines


def _of_the_draft(made: list[Made]) -> str:
    return " (the draft)" if any(one.run.get("draft") for one in made) else ""
