"""Makes pytest's worker processes forks of one that has imported what all of them import.

Run as `python -P forked.py <fd> [module …]` it is that process, and each of its forks a worker. It
may import nothing that keeps what is a process's own, as the stack's clock does.
"""

import gc
import importlib
import os
import shlex
import socket
import sys
from collections.abc import Sequence
from pathlib import Path

from local.lambdas.processes import ForkServer
from local.lambdas.spawner import fork_for_each

STAND_IN = Path(__file__).with_name("stand_in.py")
LIBRARIES = (
    "boto3",
    "groq",
    "hypothesis",
    "local.aws.moto_light",
    "moto.dynamodb.responses",
    "moto.events.responses",
    "moto.moto_server.werkzeug_app",
    "moto.s3.responses",
    "moto.secretsmanager.responses",
    "moto.sqs.responses",
    "showreel_client",
    "yaml",
)
"""What takes workers longest to import, with the product."""
PATH = "PYTHONPATH"
OWN_PATH = "TESTS_PYTHONPATH"
"""What workers find in `PYTHONPATH`."""


def server(modules: Sequence[str]) -> ForkServer:
    """Starts the process, which imports these modules. Its connections are stand-ins."""
    env = {OWN_PATH: os.environ.get(PATH, ""), PATH: os.pathsep.join(sys.path)}
    return ForkServer(Path(__file__), modules, os.environ | env)


def interpreter(address: str) -> str:
    """Returns the command of an interpreter (execnet's `python=`) that is a fork."""
    return shlex.join([sys.executable, "-I", "-S", str(STAND_IN), address])


def run_what_is_asked(connection: socket.socket) -> None:
    """In a fork: becomes the interpreter that the other end stands in for, then ends.

    The connection ends with this process, and with it who stands in for it.
    """
    code, descriptors, _, _ = socket.recv_fds(connection, 65536, 3)
    for number, descriptor in enumerate(descriptors):
        os.dup2(descriptor, number)
        os.close(descriptor)
    sys.argv = ["-c"]
    exec(code, {"__name__": "__main__"})  # noqa: S102  # what -c does
    sys.exit()


def main() -> None:
    """Entry point of the process."""
    os.environ[PATH] = os.environ.pop(OWN_PATH)
    for name in sys.argv[2:]:
        importlib.import_module(name)
    gc.collect()
    gc.freeze()
    fork_for_each(socket.socket(fileno=int(sys.argv[1])), run_what_is_asked)


if __name__ == "__main__":
    main()
