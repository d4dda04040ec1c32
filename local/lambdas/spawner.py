"""Starts the functions' processes for the stack, from a process of its own with one thread.

Run as `python -P spawner.py <fd> [preload [module …]]`. Speaks JSON lines over the socket `fd`:
takes `{"id", "argv", "env", "cwd", "log"}`, answers `{"id", "pid"}` and, later, `{"pid", "status"}`
(negative: the signal). When the socket closes, however the stack died, it kills every child and
ends; each child is killed by the kernel if the spawner dies.

If the socket listens, each connection gets a spawner of its own, a fork of this process, until
standard input ends: several processes with stacks import once.

With `preload` the heavy third-party modules are imported once and a function's process is a fork
of this one: of `python -m awslambdaric`, or of the module that the function's exec wrapper would
start in its place. The runtime client itself is imported after the fork: it holds a connection.
Only forks have the stack's time when it was moved.
Imports nothing local, and of the product only what it is given.
"""

import contextlib
import ctypes
import functools
import gc
import importlib
import json
import os
import runpy
import selectors
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None)
PRELOADED = (
    "http.client",
    "ssl",
    "botocore.client",
    "botocore.httpsession",
    "botocore.session",
    "boto3.dynamodb.types",
    "s3transfer.manager",
    "pydantic",
    "aws_lambda_powertools",
    "aws_lambda_powertools.event_handler.middlewares.openapi_validation",
    "aws_lambda_powertools.metrics",
    "encodings.idna",
    "httpcore",
    "httpx",
    "jwt",
    "PIL.ImageDraw",
    "PIL.ImageFilter",
    "PIL.ImageOps",
    "PIL.JpegImagePlugin",
    "PIL.PngImagePlugin",
    "simplejson",  # what the runtime client reads events with
)
LAMBDA = {"AWS_LAMBDA_FUNCTION_NAME": "spawner", "PYDANTIC_DISABLE_PLUGINS": "__all__"}
"""What Lambda and the template set: the product goes by it when it leaves modules out."""
INTERPRETER_STAND_IN = Path(__file__).with_name("print_command.sh")
MOVED_CLOCK = Path(__file__).with_name("moved_clock.py")
CLOCK_VARIABLE = "SHOWREEL_CLOCK"
PRELOAD_VARIABLE = "SHOWREEL_PRELOAD"
"""Names a file that runs before the function does: what a test changes in it."""
STAND_IN_FD = 9
"""The descriptor that it writes to."""


class Spawner:
    """The children and the loop that watches them."""

    def __init__(self, connection: socket.socket, preload: bool) -> None:
        self.connection = connection
        self.preload = preload
        self.move_clock = runpy.run_path(str(MOVED_CLOCK))["install"]
        self.children: set[int] = set()
        self.buffer = b""
        self.wakeup, self.alarm = socket.socketpair()
        self.alarm.setblocking(False)

    def run(self) -> None:
        """Serves until the stack's end of the socket closes."""
        signal.set_wakeup_fd(self.alarm.fileno())
        signal.signal(signal.SIGCHLD, lambda *_: None)
        for ignored in (signal.SIGINT, signal.SIGTERM):
            signal.signal(ignored, signal.SIG_IGN)
        watcher = selectors.DefaultSelector()
        watcher.register(self.connection, selectors.EVENT_READ)
        watcher.register(self.wakeup, selectors.EVENT_READ)
        while True:
            ready = {key.fileobj for key, _ in watcher.select()}
            if self.wakeup in ready:
                self.wakeup.recv(4096)
                self.reap()
            if self.connection in ready and not self.receive():
                return

    def receive(self) -> bool:
        """Starts what was asked for. False when the stack is gone."""
        try:
            data = self.connection.recv(65536)
        except OSError:
            return False
        self.buffer += data
        *lines, self.buffer = self.buffer.split(b"\n")
        for line in lines:
            request = json.loads(line)
            self.send({"id": request["id"], "pid": self.start(request)})
        return bool(data)

    def send(self, message: dict[str, Any]) -> None:
        """Sends one line to the stack."""
        with contextlib.suppress(OSError):
            self.connection.sendall(json.dumps(message).encode() + b"\n")

    def start(self, request: dict[str, Any]) -> int:
        """Forks a child for the request; returns its process id."""
        pid = os.fork()
        if pid == 0:
            self.become(request)
        self.children.add(pid)
        return pid

    def become(self, request: dict[str, Any]) -> NoReturn:
        """In the child: turns into the function's process."""
        status = 1
        try:
            self.detach(request)
            if self.preload:
                self.run_here(request)
                status = 0
            else:
                os.execve(request["argv"][0], request["argv"], request["env"])  # noqa: S606  # no shell
        except SystemExit as end:
            status = end.code if isinstance(end.code, int) else 1
        except BaseException as error:  # noqa: BLE001  # nothing may return into the loop
            os.write(2, f"spawner: {error!r}\n".encode())
        finally:
            with contextlib.suppress(Exception):
                sys.stdout.flush()
            os._exit(status)

    def detach(self, request: dict[str, Any]) -> None:
        """Own session, own log, nothing on stdin, and death with the spawner."""
        os.setsid()
        die_with_parent()
        signal.set_wakeup_fd(-1)
        for name in (signal.SIGCHLD, signal.SIGINT, signal.SIGTERM):
            signal.signal(name, signal.SIG_DFL)
        for unused in (self.connection, self.wakeup, self.alarm):
            unused.close()
        log = os.open(request["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        null = os.open(os.devnull, os.O_RDONLY)
        for source, target in ((null, 0), (log, 1), (log, 2)):
            os.dup2(source, target)
        os.chdir(request["cwd"])

    def run_here(self, request: dict[str, Any]) -> None:
        """The function's module in this process, as its command would set it up."""
        os.environ.clear()
        os.environ.update(request["env"])
        time.tzset()
        arguments = request["argv"][1:]
        if request["argv"][0] != sys.executable:
            arguments = unwrapped(request["argv"][0])
        own = os.environ.get("PYTHONPATH", "").split(os.pathsep)
        sys.path[:] = [request["cwd"], *own, *sys.path]
        sys.stdout.reconfigure(write_through="-u" in arguments)  # type: ignore[union-attr]  # it is a file
        module, *rest = arguments[arguments.index("-m") + 1 :]
        sys.argv = [module, *rest]
        if CLOCK_VARIABLE in os.environ:
            self.move_clock(os.environ[CLOCK_VARIABLE])
        if PRELOAD_VARIABLE in os.environ:
            runpy.run_path(os.environ[PRELOAD_VARIABLE], run_name="preload")
        runpy.run_module(module, run_name="__main__", alter_sys=True)

    def reap(self) -> None:
        """Reports every child that ended."""
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            self.children.discard(pid)
            self.send({"pid": pid, "status": os.waitstatus_to_exitcode(status)})

    def end(self) -> None:
        """Kills every child with its own children."""
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for pid in self.children:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(pid, signal.SIGKILL)


def unwrapped(wrapper: str) -> list[str]:
    """Returns the interpreter's arguments that an exec wrapper ends with; takes over its search
    path.

    A wrapper that starts something else instead of the interpreter runs here to its end.
    """
    reader, writer = os.pipe()
    if writer != STAND_IN_FD:
        os.dup2(writer, STAND_IN_FD)
        os.close(writer)
    command = [wrapper, str(INTERPRETER_STAND_IN)]
    ended = subprocess.run(command, pass_fds=(STAND_IN_FD,), check=False)
    os.close(STAND_IN_FD)
    with open(reader) as lines:  # noqa: PTH123  # a descriptor
        os.environ["PYTHONPATH"], *arguments = lines.read().splitlines() or [""]
    if not arguments:
        raise SystemExit(ended.returncode)
    return arguments


def warm_up(modules: list[str]) -> None:
    """Imports these modules and what functions import of other people's."""
    os.environ |= LAMBDA
    for name in (*modules, *PRELOADED):
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    share_trust()
    sign_in_brief()
    build_models()
    read_descriptions()
    gc.collect()
    gc.freeze()  # no fork looks through them, or gets pages of its own by doing so


def build_models() -> None:
    """Builds the models whose building was put off until they are used, once for all forks."""
    with contextlib.suppress(ImportError):
        import pydantic

        todo = pydantic.BaseModel.__subclasses__()
        while todo:
            model = todo.pop()
            todo += model.__subclasses__()
            if not model.__pydantic_complete__:
                model.model_rebuild(raise_errors=False)


def read_descriptions() -> None:
    """Has botocore read what the product's clients are made of, once for all forks: making one of
    each leaves it in their session. The fork is given their credentials and endpoint.
    """
    aws = sys.modules.get("showreel.core.aws")
    if aws is None:
        return
    session = aws.session()
    for service in session.get_available_services():
        session.create_client(
            service,
            "us-east-1",
            aws_access_key_id="-",
            aws_secret_access_key="-",  # noqa: S106
        )


def share_trust() -> None:
    """Reads the certificates that HTTP clients trust once for all forks."""
    with contextlib.suppress(ImportError):
        import httpx

        kept: Any = functools.cache(ssl.create_default_context)
        ssl.create_default_context = kept
        httpx.create_ssl_context(trust_env=False)


def sign_in_brief() -> None:
    """Leaves nothing of a request's signature but who signs, all that the stack reads: the rest is
    a tenth of what functions compute here. URLs are signed in full, the stack checks them.
    """
    with contextlib.suppress(ImportError):
        auth: Any = importlib.import_module("botocore.auth")
        in_full = auth.SigV4Auth.add_auth

        def add_auth(self: Any, request: Any) -> None:
            if type(self) not in (auth.SigV4Auth, auth.S3SigV4Auth) or self.credentials is None:
                in_full(self, request)
                return
            now = auth.get_current_datetime().strftime(auth.SIGV4_TIMESTAMP)
            request.context["timestamp"] = now
            self._modify_request_before_signing(request)
            who = f"AWS4-HMAC-SHA256 Credential={self.scope(request)}"
            request.headers["Authorization"] = f"{who}, SignedHeaders=host, Signature=-"

        auth.SigV4Auth.add_auth = add_auth


def fork_for_each(listener: socket.socket, serve: Callable[[socket.socket], None]) -> None:
    """Serves each connection in a fork of this process, until standard input ends."""
    watcher = selectors.DefaultSelector()
    watcher.register(listener, selectors.EVENT_READ)
    watcher.register(sys.stdin, selectors.EVENT_READ)
    while True:
        asked = {key.fileobj for key, _ in watcher.select()}
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG) != (0, 0):
                pass
        if sys.stdin in asked:
            return
        connection, _ = listener.accept()
        if os.fork() == 0:
            die_with_parent()
            watcher.close()
            listener.close()
            serve(connection)
            os._exit(0)
        connection.close()


def serve(connection: socket.socket, preload: bool) -> None:
    """Starts what a stack asks for, to its end."""
    spawner = Spawner(connection, preload)
    try:
        spawner.run()
    finally:
        spawner.end()


def die_with_parent() -> None:
    """Has the kernel kill this process when the one that forked it ends."""
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def main() -> None:
    """Entry point of the process."""
    given = socket.socket(fileno=int(sys.argv[1]))
    preload = "preload" in sys.argv[2:]
    if preload:
        warm_up(sys.argv[3:])
    if given.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
        fork_for_each(given, functools.partial(serve, preload=preload))
    else:
        serve(given, preload)


if __name__ == "__main__":
    main()
