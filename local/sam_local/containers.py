"""Functions in containers: Docker, the built template with the stack's environment, `sam local`."""

import json
import os
import re
import shutil
import signal
import subprocess
from ipaddress import ip_network
from pathlib import Path
from typing import Any

from local.aws.resources import KEY_ID
from local.lambdas.worker import secret_of
from local.settings import ROOT
from local.stack import Stack
from local.template import load_yaml

SAM = ROOT / ".venv-sam" / "bin" / "sam"
IMAGE = "public.ecr.aws/lambda/python:3.13"
EMULATED_ACCOUNT, EMULATED_REGION = "012345678912", "us-east-1"
"""What the runtime emulator says in a function's own ARN, from which ours are built."""
CONTAINER_ID = re.compile(r"SAM_CONTAINER_ID: ([0-9a-f]+)")
DOCKER_SECONDS = 30
STOP_SECONDS = 30
PULL_SECONDS = 600


class NoDocker(RuntimeError):
    """There is no Docker here that answers."""


class Failed(RuntimeError):
    """SAM or the function in it did not do what it should."""


def docker(*arguments: str, seconds: float = DOCKER_SECONDS) -> str:
    """Returns what a Docker command prints. Raises NoDocker."""
    if shutil.which("docker") is None:
        raise NoDocker("there is no `docker` on the PATH")
    try:
        done = subprocess.run(
            ["docker", *arguments],
            capture_output=True,
            text=True,
            check=False,
            timeout=seconds,
        )
    except subprocess.TimeoutExpired:
        raise NoDocker("Docker does not answer") from None
    if done.returncode:
        raise NoDocker(done.stderr.strip().splitlines()[-1] if done.stderr else "Docker fails")
    return done.stdout


def bridge_address() -> str:
    """This machine's address as containers see it: the gateway of Docker's bridge. Raises
    NoDocker.
    """
    bridge = json.loads(docker("network", "inspect", "bridge"))[0]["IPAM"]["Config"][0]
    return str(bridge.get("Gateway") or next(ip_network(bridge["Subnet"]).hosts()))


def require_image(architecture: str) -> None:
    """Pulls Lambda's base image unless it is here. Raises NoDocker."""
    image = f"{IMAGE}-{architecture}"
    try:
        docker("image", "inspect", image)
    except NoDocker:
        print(f"pulling {image}", flush=True)
        docker("pull", "--quiet", image, seconds=PULL_SECONDS)


class Sam:
    """`sam local` over one build, for one stack."""

    def __init__(self, stack: Stack, build: Path, architecture: str) -> None:
        self.stack = stack
        self.template = self._template(build, architecture)
        self.options = ["--template", str(self.template), "--region", stack.settings.region]
        self.options.append("--skip-pull-image")
        keys = {"AWS_ACCESS_KEY_ID": KEY_ID, "AWS_SECRET_ACCESS_KEY": secret_of(KEY_ID)}
        own = {"SAM_CLI_TELEMETRY": "0", "AWS_ENDPOINT_URL": stack.aws_endpoint}
        self.environment = os.environ | keys | own
        self.environment.pop("PYTHONPATH", None)

    def _template(self, build: Path, architecture: str) -> Path:
        """Returns the built template with each function's environment as the stack resolves it:
        `sam local` knows no table's name, and takes no variable that the template doesn't have.
        """
        built = load_yaml(build / "template.yaml")
        built["Parameters"]["Architecture"]["Default"] = architecture
        for name, spec in self.stack.specs.items():
            variables = {**spec.environment, "AWS_ENDPOINT_URL": self.stack.aws_endpoint}
            properties = built["Resources"][name]["Properties"]
            properties["Environment"] = {"Variables": variables}
        path = build / "template.local.yaml"
        path.write_text(json.dumps(built))
        return path

    def command(self, *words: str) -> list[str]:
        """`sam local …` with the options that all commands share."""
        return [str(SAM), "local", *words, *self.options]

    def invoke(self, function: str, event: Path, seconds: float) -> Any:
        """Returns what the function of that logical id answers. Raises Failed, also when time is
        up.
        """
        process = subprocess.Popen(
            self.command("invoke", function, "--event", str(event)),
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        try:
            output, log = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            log = stop(process)
            raise Failed(f"no answer within {seconds:.0f} s\n{log[-2000:]}") from None
        lines = output.strip().splitlines()
        if process.returncode or not lines:
            raise Failed(log[-2000:])
        return json.loads(lines[-1])


def stop(process: "subprocess.Popen[str]") -> str:
    """Ends SAM as Ctrl-C does, which takes its container down; returns what it had said."""
    process.send_signal(signal.SIGINT)
    try:
        _, log = process.communicate(timeout=STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        _, log = process.communicate()
    for container in CONTAINER_ID.findall(log or ""):
        subprocess.run(["docker", "rm", "-f", container], capture_output=True, check=False)
    return log or ""
