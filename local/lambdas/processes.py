"""The stack's side of the spawner: start a process, hear of its end, kill it with its children."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any

START_SECONDS = 30
OnExit = Callable[[int], None]


@dataclass(frozen=True)
class Command:
    """What to start: the arguments, the whole environment, where, and the log to append to."""

    argv: tuple[str, ...]
    env: dict[str, str]
    cwd: Path
    log: Path


class ProcessStarter:
    """A running spawner. Thread-safe."""

    def __init__(self, *, preload: bool, modules: Sequence[str] = ()) -> None:
        self.forks = preload
        """Whether processes are forks, which have the stack's time."""
        ours, theirs = socket.socketpair()
        self._connection = ours
        self._lock = threading.Lock()
        self._next_id = 0
        self._starting: dict[int, tuple[Future[int], OnExit]] = {}
        self._running: dict[int, OnExit] = {}
        self._process = self._launch(theirs, ("preload", *modules) if preload else ())
        threading.Thread(target=self._listen, daemon=True).start()

    @staticmethod
    def _launch(theirs: socket.socket, preload: Sequence[str]) -> subprocess.Popen[bytes]:
        script = Path(__file__).with_name("spawner.py")
        argv = [sys.executable, "-P", str(script), str(theirs.fileno())]
        process = subprocess.Popen(
            [*argv, *preload],
            env={name: value for name, value in os.environ.items() if not name.startswith("AWS_")},
            stdin=subprocess.DEVNULL,
            pass_fds=(theirs.fileno(),),
            start_new_session=True,
        )
        theirs.close()
        return process

    @property
    def pid(self) -> int:
        """The spawner's process id."""
        return self._process.pid

    def start(self, command: Command, on_exit: OnExit) -> int:
        """Starts a process and returns its id; `on_exit` gets its status (negative: signal)."""
        started: Future[int] = Future()
        with self._lock:
            self._next_id += 1
            self._starting[self._next_id] = (started, on_exit)
            self._send(self._next_id, command)
        return started.result(START_SECONDS)

    def _send(self, number: int, command: Command) -> None:
        message: dict[str, Any] = {
            "id": number,
            "argv": command.argv,
            "env": command.env,
            "cwd": str(command.cwd),
            "log": str(command.log),
        }
        self._connection.sendall(json.dumps(message).encode() + b"\n")

    def _listen(self) -> None:
        with contextlib.suppress(OSError), self._connection.makefile("rb") as lines:
            for line in lines:
                self._hear(json.loads(line))

    def _hear(self, message: dict[str, int]) -> None:
        if "id" in message:
            with self._lock:
                started, on_exit = self._starting.pop(message["id"])
                self._running[message["pid"]] = on_exit
            started.set_result(message["pid"])
            return
        with self._lock:
            ended = self._running.pop(message["pid"], None)
        if ended is not None:
            ended(message["status"])

    def stop(self) -> None:
        """Kills every process and the spawner."""
        with contextlib.suppress(OSError):
            self._connection.shutdown(socket.SHUT_RDWR)
        self._connection.close()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def kill_group(pid: int) -> None:
    """Kills a started process and everything it started."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)
