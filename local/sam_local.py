"""`make sam-local`: functions in containers by the real `sam local invoke`, against a stack.

    python -m local.sam_local [FUNCTION ...]

Without names: the trigger of a film and the compile step of the same film, each with its file in
`events/`, filled in with a real token, project and run. Needs Docker, `make build`, and the Lambda
base image for Python 3.13 (pulled from the public registry, or built by hand; then
SAM_LOCAL_OPTIONS=--skip-pull-image).
"""

import json
import os
import shlex
import subprocess
import sys
import time
from dataclasses import dataclass
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import httpx

from local.resources import KEY_ID
from local.seed import Tenant
from local.settings import ROOT, StackSettings
from local.stack import Stack
from local.template import load_yaml
from local.worker import secret_of

BUILD = ROOT / ".aws-sam" / "build"
SAM = ROOT / ".venv-sam" / "bin" / "sam"
EMULATED_ACCOUNT, EMULATED_REGION = "012345678912", "us-east-1"
"""What the runtime emulator says in a function's own ARN, from which ours are built."""
DEFAULT = ("TriggerVideoFunction", "PipelineCompileVideoFunction")


@dataclass(frozen=True)
class Film:
    """A film in the stack whose clips are ready."""

    project_id: str
    run_id: str
    tenant: Tenant


def main(names: list[str]) -> int:
    """Invokes the functions one after the other; 1 if one failed."""
    if not (BUILD / "template.yaml").exists():
        print("run `make build` first", file=sys.stderr)
        return 2
    settings = StackSettings(host=_docker_host(), account=EMULATED_ACCOUNT, region=EMULATED_REGION)
    with Stack(settings) as stack:
        film = _make_film(stack)
        template = _with_environment(stack)
        results = [_invoke(stack, template, name, film) for name in names or DEFAULT]
    return 0 if all(results) else 1


def _docker_host() -> str:
    """This machine's address as containers see it: the gateway of Docker's bridge."""
    command = ["docker", "network", "inspect", "bridge"]
    found = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    bridge = json.loads(found)[0]["IPAM"]["Config"][0]
    return str(bridge.get("Gateway") or next(ip_network(bridge["Subnet"]).hosts()))


def _make_film(stack: Stack) -> Film:
    """A finished film and a draft of it, both by the built-in model. The draft's compile step can
    be run again: it writes the same objects.
    """
    tenant = stack.tenant
    if tenant is None:
        raise RuntimeError("the stack has no workspace")
    headers = {"Authorization": f"Bearer {tenant.token}"}
    clip = {"sourceImageUrl": stack.sample_image_url, "roomType": "living-room"}
    body = {"name": "sam local", "workspaceId": tenant.workspace_id, "resolution": "720p"}
    with httpx.Client(base_url=stack.base_url, headers=headers, timeout=60) as client:
        model = {"model": "showreel/camera-motion", "clips": [clip]}
        project = client.post("/api/video-projects", json=body | model).raise_for_status().json()
        _finished_run(client, project["id"], draft=False)
        return Film(project["id"], _finished_run(client, project["id"], draft=True), tenant)


def _finished_run(client: httpx.Client, project_id: str, *, draft: bool) -> str:
    """Triggers a run, waits for its end and returns its id."""
    body = {"videoProjectId": project_id, "draft": draft}
    answer = client.post("/api/trigger-video", json=body).raise_for_status()
    run_id = str(answer.json()["runId"])
    while client.get(f"/api/runs/{run_id}").raise_for_status().json()["finishedAt"] is None:
        time.sleep(0.5)
    return run_id


def _with_environment(stack: Stack) -> Path:
    """The built template with the stack's values, as `sam local` takes no unknown variables."""
    built = load_yaml(BUILD / "template.yaml")
    variables = built["Globals"]["Function"]["Environment"]["Variables"]
    for name in variables:
        variables[name] = stack.variable(name) or ""
    variables |= {
        "AWS_ENDPOINT_URL": stack.aws_endpoint,
        "KLING_BASE_URL": f"{stack.providers_url}/kling",
        "REPLICATE_BASE_URL": f"{stack.providers_url}/replicate",
        "GOOGLE_BASE_URL": f"{stack.providers_url}/google",
        "FAL_QUEUE_URL": f"{stack.providers_url}/fal",
        "GMI_BASE_URL": f"{stack.providers_url}/gmi",
        "GMI_CHAT_BASE_URL": f"{stack.providers_url}/gmi",
        "GROQ_BASE_URL": f"{stack.providers_url}/groq",
        "ELEVENLABS_BASE_URL": f"{stack.providers_url}/elevenlabs",
        "PUBLIC_BASE_URL": stack.base_url,
    }
    path = BUILD / "template.local.yaml"
    path.write_text(json.dumps(built))
    return path


def _event(name: str, film: Film) -> Any:
    """The function's example event, with this film's ids."""
    folder = "".join(f"_{c.lower()}" if c.isupper() else c for c in name)[1:]
    path = ROOT / "events" / f"{folder.removesuffix('_function')}.json"
    event = json.loads(path.read_text())
    if "requestContext" not in event:
        return event | {"run_id": film.run_id}
    bearer = f"Bearer {film.tenant.token}"
    event["headers"]["Authorization"] = bearer
    event["multiValueHeaders"]["Authorization"] = [bearer]
    event["body"] = json.dumps({"videoProjectId": film.project_id, "draft": True})
    return event


def _invoke(stack: Stack, template: Path, name: str, film: Film) -> bool:
    """Runs one function in its container and shows what it answered."""
    command = [str(SAM), "local", "invoke", name, "--template", str(template), "--event", "-"]
    command += ["--region", stack.settings.region]
    command += shlex.split(os.environ.get("SAM_LOCAL_OPTIONS", ""))
    keys = {"AWS_ACCESS_KEY_ID": KEY_ID, "AWS_SECRET_ACCESS_KEY": secret_of(KEY_ID)}
    done = subprocess.run(
        command,
        input=json.dumps(_event(name, film)),
        env=os.environ | keys | {"SAM_CLI_TELEMETRY": "0"},
        capture_output=True,
        text=True,
        check=False,
    )
    answer = done.stdout.strip().splitlines()[-1] if done.stdout.strip() else ""
    print(f"{name}: {answer or done.stderr[-2000:]}")
    return done.returncode == 0 and bool(answer) and "errorType" not in answer


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
