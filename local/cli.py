"""`python -m local up`: the stack in the foreground."""

import argparse
import contextlib
import errno
import json
import os
import signal
import sys
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

from local.settings import ROOT, from_environment
from local.stack import Stack


def main(arguments: list[str] | None = None) -> int:
    """Entry point. Returns the exit status."""
    options = _parser().parse_args(arguments)
    settings = from_environment(options.template, options.data, options.port)
    settings = replace(settings, warm=options.warm, fork=options.fork or settings.fork)
    stopping = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: stopping.set())
    try:
        return _run(Stack(settings), stopping)
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        print(f"port {settings.port} is in use: choose another with SHOWREEL_PORT", file=sys.stderr)
        return 1


def _run(stack: Stack, stopping: threading.Event) -> int:
    with stack:
        _announce(stack)
        try:
            stopping.wait()
        finally:
            _withdraw(stack)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m local", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    up = commands.add_parser("up", help="start the stack and stay in the foreground")
    up.add_argument("--port", type=int, help="the gateway's port (SHOWREEL_PORT, else 8787)")
    up.add_argument("--data", type=Path, help="keep tables, objects and secrets in this folder")
    up.add_argument("--fork", action="store_true", help="faster cold starts (SHOWREEL_FORK=1)")
    up.add_argument("--warm", action="store_true", help="start a process of every function now")
    up.add_argument("--template", type=Path, default=ROOT / "template.yaml")
    return parser


def dev_json(stack: Stack) -> Path:
    """Returns the file by which tools find the running stack."""
    return stack.state_dir / "dev.json"


def _announce(stack: Stack) -> None:
    """Writes dev.json, whole or not at all, and says that the stack is ready."""
    fresh = stack.state_dir / "dev.new"
    fresh.touch(0o600)
    fresh.write_text(json.dumps(description(stack), indent=2))
    fresh.replace(dev_json(stack))
    print(f"showreel ready {stack.base_url}", flush=True)


def _withdraw(stack: Stack) -> None:
    """Removes dev.json, unless another stack has put its own there."""
    path = dev_json(stack)
    with contextlib.suppress(OSError, ValueError):
        if json.loads(path.read_text())["pid"] == os.getpid():
            path.unlink()


def description(stack: Stack) -> dict[str, Any]:
    """Returns what tools need to know of a running stack."""
    tenant, other = stack.tenant, stack.other_tenant
    return {
        "base_url": stack.base_url,
        "jwt": {
            "secret": stack.auth_secret.get("jwt_secret"),
            "issuer": stack.variable("JWT_ISSUER"),
            "audience": stack.variable("JWT_AUDIENCE"),
        },
        "aws_endpoint": stack.aws_endpoint,
        "providers_url": stack.providers_url,
        "workspace_id": tenant and tenant.workspace_id,
        "user_id": tenant and tenant.user_id,
        "token": tenant and tenant.token,
        "service_token": stack.auth_secret.get("service_token"),
        "other_workspace_id": other and other.workspace_id,
        "other_user_id": other and other.user_id,
        "other_token": other and other.token,
        "sample_image_url": stack.sample_image_url,
        "region": stack.settings.region,
        "account": stack.settings.account,
        "pid": os.getpid(),
        "spawner_pid": stack.starter.pid,
    }
