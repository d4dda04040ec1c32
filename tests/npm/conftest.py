"""The npm packages, installed as their lock file says, and scripts that drive them."""

import contextlib
import json
import queue
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Self

import httpx
import pytest
from pytest_socket import enable_socket

from local.stack import Stack
from tests.functions.users import Client, newcomer
from tests.support.http import eventually

HERE = Path(__file__).parent
Line = dict[str, Any]
LONG = 600.0
"""Seconds that no test waits for a picture."""


@pytest.fixture(scope="session", autouse=True)
def packages() -> None:
    """What the lock file names; `make test` installs it beforehand."""
    if shutil.which("node") is None:
        pytest.skip("there is no Node here")
    enable_socket()
    done, lock = HERE / "node_modules" / ".done", HERE / "package-lock.json"
    if not done.exists() or done.stat().st_mtime < lock.stat().st_mtime:
        subprocess.run(["npm", "ci", "--silent"], cwd=HERE, check=True)
        done.touch()


class Script:
    """A script under Node that takes wishes and tells what it sees, one JSON object a line."""

    def __init__(self, *command: str) -> None:
        self.lines: list[Line] = []
        self._news: queue.Queue[Line | None] = queue.Queue()
        self._process = subprocess.Popen(
            ["node", *command],
            cwd=HERE,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
        )
        threading.Thread(target=self._read, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Ends the input, at which every script ends what it began."""
        with self._process:
            assert self._process.stdin is not None
            self._process.stdin.close()
            self._process.wait(20)

    def _read(self) -> None:
        for line in self._process.stdout or ():
            self._news.put(json.loads(line))
        self._news.put(None)

    def wish(self, wish: Any) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(wish) + "\n")

    def until(self, is_so: Callable[[], Any], seconds: float = 120) -> None:
        """Reads until it is so. Fails with what was told if that takes too long."""
        self.read(is_so, seconds)
        assert is_so(), self.lines[-20:]

    def read(self, is_so: Callable[[], Any], seconds: float) -> None:
        """Reads until it is so, for some seconds at most."""
        deadline = time.monotonic() + seconds
        while not is_so() and (left := deadline - time.monotonic()) > 0:
            with contextlib.suppress(queue.Empty):
                line = self._news.get(timeout=left)
                assert line is not None, self.lines[-20:]
                self.lines.append(line)

    def of(self, name: str, kind: str) -> list[Any]:
        """What was told of one follower, e.g. its runs."""
        return [line[kind] for line in self.lines if line.get("name") == name and kind in line]


class Author(Client):
    """A user whose storyboards' pictures are made."""

    stack: Stack

    def begin(self, *slower: float, **fault: Any) -> str:
        """Orders pictures, each of which takes so many seconds more, or meets the fault at the
        vendor; returns the run.
        """
        wish = {"workspaceId": self.workspace_id, "title": "The Last Ferry"}
        project = self.json("POST", "/api/projects", wish)["id"]
        scene = self.json("POST", f"/api/projects/{project}/scenes", {"title": "The Pier"})["id"]
        url = f"{self.stack.providers_url}/_sim/faults"
        for seconds in slower:
            prompt = f"Fog over {project}, {seconds} s"
            self.json("POST", f"/api/scenes/{scene}/shots", {"visual_prompt": prompt})
            slow = {"operation": "submit", "fault": "slow", "delay_seconds": seconds}
            order = {"provider": "fal", "match": {"prompt_contains": prompt}, **(fault or slow)}
            httpx.post(url, json=order).raise_for_status()
        body = {"project_id": project, "phase": "images"}
        return str(self.json("POST", "/functions/v1/project-auto-generate", body)["run_id"])

    def token(self, run_id: str) -> str:
        return str(self.json("POST", f"/api/runs/{run_id}/token")["publicAccessToken"])

    def cancel(self, run_id: str) -> None:
        self.json("POST", f"/api/runs/{run_id}/cancel")

    def ended(self, run_id: str) -> Any:
        def look() -> Any:
            run = self.json("GET", f"/api/runs/{run_id}")
            return run if run["finishedAt"] else None

        return eventually(look, 60)


@pytest.fixture(scope="module")
def author(stack: Stack) -> Iterator[Author]:
    for author in newcomer(stack, Author):
        author.stack = stack
        yield author
    httpx.delete(f"{stack.providers_url}/_sim").raise_for_status()
