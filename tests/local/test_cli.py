"""`python -m local up` as people run it: ready line, dev.json, a clean end, no orphans."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from local.settings import ROOT
from tests.local.conftest import HERE
from tests.support.http import eventually, send


@pytest.fixture
def running(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], dict[str, Any]]]:
    argv = [
        sys.executable,
        "-m",
        "local",
        "up",
        "--port",
        "0",
        "--template",
        HERE / "template.yaml",
    ]
    environment = os.environ | {"SHOWREEL_STATE": str(tmp_path)}
    process = subprocess.Popen(argv, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)
    with process:
        assert process.stdout is not None
        line = process.stdout.readline()
        described = json.loads((tmp_path / "dev.json").read_text())
        assert line == f"showreel ready {described['base_url']}\n"
        yield process, described
        process.kill()


def children(described: dict[str, Any]) -> list[int]:
    send("GET", f"{described['base_url']}/items/1")
    running = send("GET", f"{described['aws_endpoint']}/_local/lambdas").json["lambdas"]
    pids: list[int] = running["echo"]
    assert pids
    return [*pids, described["spawner_pid"]]


def gone(pids: list[int]) -> bool:
    return not any(Path(f"/proc/{pid}").exists() for pid in pids)


def test_sigterm_stops_every_child_and_removes_dev_json(running: Any, tmp_path: Path) -> None:
    process, described = running
    pids = children(described)
    assert described["aws_endpoint"].startswith("http://127.0.0.1:")
    process.send_signal(signal.SIGTERM)
    assert process.wait(10) == 0
    assert not (tmp_path / "dev.json").exists()
    eventually(lambda: gone(pids))


def test_children_die_even_when_the_stack_is_killed(running: Any) -> None:
    process, described = running
    pids = children(described)
    process.kill()
    process.wait(5)
    eventually(lambda: gone(pids))
