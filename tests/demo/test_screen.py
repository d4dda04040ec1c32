"""What the demo shows: bars, boards, times and the summary."""

import io
from pathlib import Path
from typing import Any

from local.demo.board import Board, Pieces, bar
from local.demo.summary import Made, Money, honesty, summary
from local.demo.timing import Stopwatch


class Clock:
    """A clock that is set by hand."""

    seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def state(step: str, percent: int, label: str = "", **more: Any) -> dict[str, Any]:
    progress = {"step": step, "label": label, "progress": percent}
    if "clip" in more:
        progress["clipIndex"] = more.pop("clip")
    return {"status": "running", "progress": progress, **more}


def test_a_bar_is_always_as_wide() -> None:
    assert {len(bar(percent / 3, 20)) for percent in range(400)} == {20}
    assert bar(0, 4) == "░░░░"
    assert bar(100, 4) == "████"
    assert bar(50, 4) == "██░░"


def test_pieces_are_identified_by_their_labels() -> None:
    pieces = Pieces.of(3)
    pieces.note(state("generating", 20, "Kitchen: the clip is ready", clip=2)["progress"])
    pieces.note(state("generating", 30, "Hallway: the clip could not be made", clip=3)["progress"])
    pieces.note(state("generating", 40, "Exterior to Kitchen: transition", clip=1)["progress"])
    pieces.note(state("compiling", 70, "Joining the film")["progress"])
    assert pieces.clips == ["waiting", "done", "failed"]
    assert pieces.transitions == ["done", "waiting"]
    assert pieces.line() == "[·]─[✓] [✗]"


def test_a_terminal_redraws_its_block() -> None:
    out, clock = io.StringIO(), Clock()
    board = Board(out, "film", Pieces.of(2), live=True, clock=clock)
    board.show(state("starting", 5, "Getting ready", status="queued", queuePosition=2))
    board.show(state("generating", 40, "Hallway: the clip is ready", clip=1))
    first, second = out.getvalue().split("\x1b[3F")
    assert "(place 2)" in first
    assert "[✓] [·]" in second
    assert second.count("\n") == 3


def test_elsewhere_each_change_is_one_plain_line() -> None:
    out, clock = io.StringIO(), Clock()
    board = Board(out, "film", Pieces.of(2), live=False, clock=clock)
    board.show(state("starting", 5, "Getting ready"))
    board.show(state("starting", 5, "Getting ready"))
    clock.seconds = 2.5
    board.show(state("completed", 100, "The film is ready"))
    assert out.getvalue().splitlines() == [
        "  film      0.0 s    5 %  Getting ready",
        "  film      2.5 s  100 %  The film is ready",
    ]


def watched() -> Stopwatch:
    clock = Clock()
    watch = Stopwatch(clock)
    for seconds, seen in (
        (0.0, state("queued", 0)),
        (1.0, state("starting", 5)),
        (2.0, state("generating", 30, clip=1)),
        (9.0, state("generating", 70, clip=2)),
        (9.5, state("uploading", 95)),
        (11.0, state("completed", 100, finishedAt="2026-01-01T00:00:00Z")),
    ):
        clock.seconds = seconds
        watch.note(seen)
    return watch


def test_steps_are_timed_by_their_events() -> None:
    watch = watched()
    assert watch.seconds_per_step() == {
        "queued": 1.0,
        "generating": 8.0,
        "compiling": 0.5,
        "uploading": 1.5,
    }
    assert watch.after_last_piece() == 2.0


def test_a_run_that_never_made_a_piece_has_no_last_one() -> None:
    assert Stopwatch(Clock()).after_last_piece() is None


def finished(*, draft: bool, kinds: tuple[str, ...] = ("seamless", "crossfade")) -> Made:
    output = {
        "durationSeconds": 16.0,
        "completedClips": 2,
        "actualCostCents": 0 if draft else 140,
        "missingClips": [{"clipId": "c3", "reason": "content_policy"}],
        "transitions": [
            {"index": n, "requested": "seamless", "kind": kind} for n, kind in enumerate(kinds)
        ],
    }
    run = {
        "status": "completed",
        "draft": draft,
        "output": output,
        "credits": {"held": 150, "posted": 120, "released": 30},
    }
    model = "showreel/camera-motion" if draft else "kling-v2.6-pro"
    return Made(run, watched(), model, Path("out/film.mp4"))


def test_the_summary_says_what_was_made_and_what_it_cost() -> None:
    estimate = {
        "totalCents": 175,
        "clipsCents": 105,
        "audioCents": 0,
        "transitionsCents": 70,
        "credits": 150,
    }
    money = Money({"balance": 1000}, {"balance": 877}, estimate)
    text = "\n".join(summary([finished(draft=True), finished(draft=False)], money))
    for part in (
        "16.00 s",
        "2, 1 missing (content_policy)",
        "1 crossfade, 1 seamless",
        "2→3 seamless became crossfade",
        "a draft crossfades",
        "held 150, posted 120, released 30",
        "last piece to finished film 2.0 s",
        "$1.75",
        "$1.40",
        "1000 credits before, 877 after (123 spent)",
        "SIMULATED",
        "are real",
    ):
        assert part in text


def test_honesty_speaks_only_of_what_was_made() -> None:
    assert "SIMULATED" not in "".join(honesty([finished(draft=True)]))
    assert "are real" not in "".join(honesty([finished(draft=False)]))
