"""Processes that others are forks of: spawners that are shared, and workers of the tests."""

import os
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from queue import Queue

import pytest

from local.lambdas.processes import Command, ProcessStarter, SharedSpawner
from tests.support import forked
from tests.support.http import eventually

SLEEP = "import time; time.sleep(60)"


@pytest.fixture
def shared() -> Iterator[SharedSpawner]:
    spawner = SharedSpawner(preload=False)
    yield spawner
    spawner.stop()


def command(tmp_path: Path, code: str) -> Command:
    return Command((sys.executable, "-c", code), dict(os.environ), tmp_path, tmp_path / "log")


def is_gone(pid: int) -> bool:
    return not Path(f"/proc/{pid}").exists()


def test_each_starter_hears_of_its_own_processes_and_stops_only_those(
    shared: SharedSpawner, tmp_path: Path
) -> None:
    ended: Queue[tuple[str, int]] = Queue()
    one, other = (ProcessStarter(preload=False, shared=shared.address) for _ in range(2))
    first = one.start(command(tmp_path, SLEEP), lambda status: ended.put(("one", status)))
    second = other.start(command(tmp_path, SLEEP), lambda status: ended.put(("other", status)))
    one.stop()
    eventually(lambda: is_gone(first))
    assert not is_gone(second)
    other.start(command(tmp_path, "exit(3)"), lambda status: ended.put(("other", status)))
    assert ended.get(timeout=60) == ("other", 3)
    other.stop()
    eventually(lambda: is_gone(second))
    assert ended.empty()


def test_processes_die_with_the_spawner_that_is_shared(
    shared: SharedSpawner, tmp_path: Path
) -> None:
    starter = ProcessStarter(preload=False, shared=shared.address)
    pid = starter.start(command(tmp_path, SLEEP), lambda _: None)
    shared.stop()
    eventually(lambda: is_gone(pid))
    starter.stop()


@pytest.fixture
def interpreter() -> Iterator[list[str]]:
    """The command of an interpreter that is a fork of one which has imported a module."""
    server = forked.server(["colorsys"])
    yield shlex.split(forked.interpreter(server.address))
    server.stop()


def test_a_stand_in_runs_code_with_its_own_streams_and_what_was_imported(
    interpreter: list[str],
) -> None:
    code = "import os, sys; print(os.environ['HOME'], 'colorsys' in sys.modules, sys.stdin.read())"
    for word in ("one", "other"):
        run = subprocess.run(
            [*interpreter, "-u", "-c", code], input=word, capture_output=True, text=True, check=True
        )
        assert (run.stdout, run.stderr) == (f"{os.environ['HOME']} True {word}\n", "")


def test_code_that_fails_says_so_and_ends(interpreter: list[str]) -> None:
    command = [*interpreter, "-u", "-c", "raise ValueError('no such thing')"]
    run = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert "ValueError: no such thing" in run.stderr
