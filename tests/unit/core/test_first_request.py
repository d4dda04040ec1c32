"""What a function loads for its first request: every module is paid for at every cold start."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from local.gateway.routes import load_api
from local.lambdas.functions import function_specs
from local.names import Names
from local.settings import ROOT
from local.template import Template

SCRIPT = Path(__file__).with_name("first_request.py")
VENDORS = {
    f"showreel.providers.{path.stem}"
    for path in (ROOT / "layers" / "common" / "showreel" / "providers").iterdir()
    if path.stem
    not in {"__init__", "__pycache__", "base", "circuits", "registry", "text", "webhooks"}
}
HEAVY = {"boto3", "cryptography", "httpx", "PIL", "showreel.assets.images"}
UNUSED = {
    f"aws_lambda_powertools.{name}" for name in ("event_handler.appsync", "metrics", "tracing")
}
DATA = {f"showreel.media.{name}" for name in ("cues", "profile", "operations", "operations.models")}
"""The format of a film and its cues, which its plan names, and what operations take: data alone."""
KEYS = {"AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x"}
KEYS |= dict.fromkeys(("AWS_REGION", "AWS_DEFAULT_REGION"), "eu-central-1")


def routes() -> list[Any]:
    """Folder, method, path: the first GET and the first POST of every function of the API."""
    names = Names("showreel", "eu-central-1", "123456789012")
    names.template = Template(ROOT / "template.yaml", {}, names.pseudo(), names.lookup)
    specs = function_specs(names.template)
    found: dict[tuple[str, str], Any] = {}
    for path, resource in load_api(names.template, specs).resources.items():
        for method, target in resource.methods.items():
            if target.function and method in {"GET", "POST"}:
                spec = next(one for one in specs.values() if one.is_named_by(target.function))
                found.setdefault((spec.folder, method), (spec, method, path))
    return [found[key] for key in sorted(found)]


def first_requests() -> dict[str, dict[str, Any]]:
    """Status and loaded modules of each function's first request, by method and folder."""
    asked = [
        {
            "id": f"{method} {spec.folder}",
            "folder": str(spec.code),
            "layers": [str(layer / part) for layer in spec.layers for part in ("", "python")],
            "environment": spec.environment | KEYS,
            "method": method,
            "path": path.replace("{", "").replace("}", ""),
        }
        for spec, method, path in routes()
    ]
    done = subprocess.run(
        [sys.executable, str(SCRIPT)],
        input="".join(json.dumps(one) + "\n" for one in asked),
        env=KEYS | {"PYTHONPATH": str(ROOT / "layers" / "common"), "PATH": os.defpath},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    told = [json.loads(line) for line in done.stdout.splitlines() if line.startswith('{"id"')]
    assert [one["id"] for one in told] == [one["id"] for one in asked]
    return {one["id"]: one for one in told}


def test_no_function_of_the_api_loads_a_vendor_media_tools_or_anything_heavy(
    subtests: pytest.Subtests,
) -> None:
    for name, told in first_requests().items():
        with subtests.test(name):
            loaded = set(told["loaded"])
            assert told["answer"] < 500
            assert loaded & VENDORS == set()
            assert {name for name in loaded if name.startswith("showreel.media.")} <= DATA
            assert loaded & (HEAVY | UNUSED) == set()
