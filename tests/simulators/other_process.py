"""A vendor's own client in another process, one for all orders of a file: imports are slow."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

Exchange = Callable[[dict[str, Any]], dict[str, Any]]


@contextmanager
def other_process(script: Path, *options: str, **environment: str) -> Iterator[Exchange]:
    """Runs a script that answers lines of JSON; gives what sends a line and returns its answer."""
    process = subprocess.Popen(
        [sys.executable, *options, str(script)],
        env={**os.environ, **environment},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdin is not None
        assert process.stdout is not None
        orders, outcomes = process.stdin, process.stdout

        def exchange(order: dict[str, Any]) -> dict[str, Any]:
            print(json.dumps(order), file=orders, flush=True)
            outcome: dict[str, Any] = json.loads(outcomes.readline())
            return outcome

        yield exchange
        orders.close()
        assert process.wait(30) == 0
