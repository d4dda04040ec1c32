"""The stack's side of the spawner: start a process, hear of its end, kill it with its children."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any

START_SECONDS = 30
STOP_SECONDS = 5
SPAWNER = Path(__file__).with_name("spawner.py")
OnExit = Callable[[int], None]


@dataclass(frozen=True)
class Command:
    """What to start: the arguments, the whole environment, where, and the log to append to."""

    argv: tuple[str, ...]
    env: dict[str, str]
    cwd: Path
    log: Path


class ForkServer:
    """A process that imports what several others need, which are forks of it: one per connection.

    It runs a script, whose arguments are the descriptor of a listening socket and `arguments`.
    """

    def __init__(self, script: Path, arguments: Sequence[str], env: Mapping[str, str]) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="forks-")
        self.address = f"{self._folder.name}/socket"
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(self.address)
            listener.listen()
            self._process = _launch(script, listener, arguments, env, stdin=subprocess.PIPE)

    def stop(self) -> None:
        """Ends it and its forks, at once; those that use them are better stopped before."""
        assert self._process.stdin is not None  # noqa: S101  # asked for above
        self._process.stdin.close()
        _await_end(self._process)
        self._folder.cleanup()


class SharedSpawner(ForkServer):
    """A spawner for the starters of several processes: what it imports takes seconds of a core."""

    def __init__(self, *, preload: bool, modules: Sequence[str] = ()) -> None:
        super().__init__(SPAWNER, _spawner_arguments(preload, modules), _spawner_environment())


class ProcessStarter:
    """A running spawner. Thread-safe.

    `shared` is the address of a `SharedSpawner`, of which it becomes a fork.
    """

    def __init__(self, *, preload: bool, modules: Sequence[str] = (), shared: str = "") -> None:
        self.forks = preload
        """Whether processes are forks, which have the stack's time."""
        self._lock = threading.Lock()
        self._next_id = 0
        self._starting: dict[int, tuple[Future[int], OnExit]] = {}
        self._running: dict[int, OnExit] = {}
        self._process: subprocess.Popen[bytes] | None = None
        if shared:
            self._connection = socket.socket(socket.AF_UNIX)
            self._connection.connect(shared)
        else:
            self._connection, theirs = socket.socketpair()
            with theirs:
                self._process = _launch(
                    SPAWNER,
                    theirs,
                    _spawner_arguments(preload, modules),
                    _spawner_environment(),
                    stdin=subprocess.DEVNULL,
                )
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    @property
    def pid(self) -> int | None:
        """The process id of a spawner of its own."""
        return self._process.pid if self._process else None

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
            self._connection.shutdown(socket.SHUT_WR)
        self._listener.join(STOP_SECONDS)
        self._connection.close()
        if self._process is not None:
            _await_end(self._process)


def _spawner_arguments(preload: bool, modules: Sequence[str]) -> list[str]:
    return ["preload", *modules] if preload else []


def _spawner_environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}


def _launch(
    script: Path,
    given: socket.socket,
    arguments: Sequence[str],
    env: Mapping[str, str],
    *,
    stdin: int,
) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-P", str(script), str(given.fileno()), *arguments],
        env=env,
        stdin=stdin,
        pass_fds=(given.fileno(),),
        start_new_session=True,
    )


def _await_end(process: subprocess.Popen[bytes]) -> None:
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def kill_group(pid: int) -> None:
    """Kills a started process and everything it started."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)
