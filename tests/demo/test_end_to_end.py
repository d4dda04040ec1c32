"""The demo as a person runs it: a draft and a film of two stills, and what it prints."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from local.settings import ROOT

LIMIT_SECONDS = 220


def demo(out: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    paths = "layers/common:.:client/src"
    environment = os.environ | {"PYTHONPATH": paths, "OUT": str(out)} | variables
    return subprocess.run(
        [sys.executable, "-m", "local.demo"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=LIMIT_SECONDS,
        check=False,
    )


@pytest.mark.stack
def test_two_stills_become_a_draft_and_a_film(tmp_path: Path) -> None:
    done = demo(tmp_path / "out", CLIPS="2", RATIO="1:1", SHOWREEL_SIM_SECONDS="0.3")
    assert done.returncode == 0, done.stdout + done.stderr
    for name in ("draft.mp4", "film.mp4", "poster.jpg", "contact-sheet.jpg"):
        assert (tmp_path / "out" / name).stat().st_size > 1000
    film = (tmp_path / "out" / "film.mp4").read_bytes()
    assert film.index(b"moov") < film.index(b"mdat")
    assert re.search(r"length +11\.00 s", done.stdout)
    assert "held 90, posted 90, released 0" in done.stdout
    assert "1000 credits before, 908 after (92 spent)" in done.stdout
    assert "SIMULATED" in done.stdout


def test_bad_use_is_one_line_and_status_2(tmp_path: Path) -> None:
    done = demo(tmp_path, CLIPS="21")
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("demo: CLIPS must be")
    assert done.stderr.count("\n") == 1
