"""A story as a person orders it: from a sentence to a film, stopped, and failing."""

import io
import re
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from pytest_socket import enable_socket

from local.demo.story.command import run_story
from local.demo.story.interrupts import held_back
from local.demo.story.options import StoryOptions
from local.stack import Stack
from showreel.media.movie import read_movie
from tests.support.small_films import small

CREDITS = 200


@pytest.fixture
def described(stack: Stack) -> Iterator[dict[str, Any]]:
    """The stack as the demo knows it, with a new user."""
    enable_socket()
    tenant = stack.seeder.tenant(CREDITS)
    told = {"base_url": stack.base_url, "token": tenant.token, "workspace_id": tenant.workspace_id}
    yield told
    httpx.delete(f"{stack.providers_url}/_sim").raise_for_status()


def options(out: Path) -> StoryOptions:
    return StoryOptions(shots=2, ratio="1:1", quality="draft", out=out)


def account(described: dict[str, Any]) -> Any:
    address = f"{described['base_url']}/api/credits?workspaceId={described['workspace_id']}"
    return httpx.get(address, headers={"Authorization": f"Bearer {described['token']}"}).json()


@pytest.mark.stack
def test_a_sentence_becomes_a_film(
    described: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert run_story(described, options(out)) == 0
    shown = capsys.readouterr().out
    percents = [int(found) for found in re.findall(r" (\d+) %  ", shown)]
    assert percents == sorted(percents)
    for part in ("shot 2 drafting", "2 of 2 pictures", "2 of 2 videos", "2 of 2 voice-overs"):
        assert part in shown
    movie = read_movie(out / "story.mp4")
    assert (movie.picture.width, movie.picture.height, len(movie.sounds)) == (*small(720, 720), 1)
    cues = (out / "captions.vtt").read_text().count(" --> ")
    assert cues >= 2
    assert (out / "captions.srt").read_text().count(" --> ") == cues
    for name in ("poster.jpg", "contact-sheet.jpg"):
        assert (out / name).stat().st_size > 1000
    after = account(described)
    assert f"{CREDITS} before, {after['balance']} after" in shown
    *parts, (last, spent) = re.findall(r"^  ([a-z-]+) +(\d+)$", shown, re.MULTILINE)
    assert [name for name, _ in parts] == [
        "texts", "shots", "voice-overs", "pictures", "videos", "music", "film"
    ]  # fmt: skip
    total = sum(int(credit_count) for _, credit_count in parts)
    assert (last, int(spent)) == ("spent", total)
    assert (CREDITS - after["balance"], after["held"]) == (total, 0)


class Impatient(io.StringIO):
    """A screen whose reader presses Ctrl-C when they see something."""

    def __init__(self, sight: str) -> None:
        super().__init__()
        self._sight = sight

    def write(self, text: str) -> int:
        written = super().write(text)
        if self._sight in text:
            raise KeyboardInterrupt
        return written


@pytest.mark.stack
def test_ctrl_c_cancels_and_says_what_was_paid(
    described: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    screen = Impatient("1 of 2 pictures")
    monkeypatch.setattr("sys.stdout", screen)
    assert run_story(described, options(tmp_path)) == 130
    after = account(described)
    assert after["held"] == 0
    spent = CREDITS - after["balance"]
    assert f"Stopped at: pictures. Paid: {spent} credits (texts 4, shots 1, " in screen.getvalue()
    assert "pictures 3" in screen.getvalue() or "pictures 6" in screen.getvalue()
    assert "What was held for more is returned." in screen.getvalue()
    assert not list(tmp_path.iterdir())


@pytest.mark.stack
def test_what_fails_is_one_line(
    stack: Stack, described: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fault = {"provider": "fal", "operation": "submit", "fault": "content_policy", "count": 1}
    httpx.post(f"{stack.providers_url}/_sim/faults", json=fault).raise_for_status()
    assert run_story(described, options(tmp_path)) == 1
    error = capsys.readouterr().err
    assert re.fullmatch(
        r"demo: the picture of shot [12] could not be made: content_policy\. Paid: \d+ credits"
        r" \(.+\)\.\n",
        error,
    )
    assert account(described)["held"] == 0


def test_ctrl_c_waits_for_the_name_of_what_is_ordered() -> None:
    named: list[str] = []

    def order() -> None:
        with held_back():
            signal.raise_signal(signal.SIGINT)
            named.append("run_1")

    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            order()
        assert named == ["run_1"]
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    finally:
        signal.signal(signal.SIGINT, before)
