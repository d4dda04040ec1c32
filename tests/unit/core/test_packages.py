"""Powertools' packages, entered without running their `__init__`, still have all of their names."""

import subprocess
import sys

from local.settings import ROOT

SCRIPT = """
import ast, importlib, inspect, sys
import showreel
from showreel.core.packages import PACKAGES

import aws_lambda_powertools.event_handler.api_gateway
assert "aws_lambda_powertools.event_handler.appsync" not in sys.modules

for name in PACKAGES:
    shell = sys.modules[name]
    (public,) = [
        ast.literal_eval(node.value)
        for node in ast.parse(inspect.getsource(shell)).body
        if isinstance(node, ast.Assign) and node.targets[0].id == "__all__"
    ]
    found = {each: getattr(shell, each) for each in public}
    real = importlib.util.module_from_spec(shell.__spec__)
    shell.__spec__.loader.exec_module(real)
    assert public and found == {each: getattr(real, each) for each in public}, name
try:
    from aws_lambda_powertools import nothing
except ImportError:
    print("done")
"""


IN_LAMBDA = """
import sys
import showreel
import botocore.session, pydantic

class Model(pydantic.BaseModel):
    number: int

assert Model(number="1").number == 1
client = botocore.session.get_session().create_client("dynamodb", "eu-central-1")
client.get_paginator("scan"), client.get_waiter("table_exists"), client.put_item
print(*sorted({"botocore.docs.service", "html.parser", "importlib.metadata"} & set(sys.modules)))
"""
BOTO3 = """
import showreel
import boto3
from urllib3 import http2

boto3.resource("dynamodb"), boto3.client("s3")
assert http2.inject_into_urllib3
from aws_lambda_powertools.utilities.idempotency import DynamoDBPersistenceLayer
from botocore.docs.docstring import LazyLoadedDocstring
try:
    from botocore.docs import nothing
except ImportError:
    print("done")
"""
LAMBDA = {"AWS_LAMBDA_FUNCTION_NAME": "function", "PYDANTIC_DISABLE_PLUGINS": "__all__"}
KEYS = {
    "AWS_ACCESS_KEY_ID": "x",
    "AWS_SECRET_ACCESS_KEY": "x",
    "AWS_DEFAULT_REGION": "eu-central-1",
}


def run(script: str, **env: str) -> str:
    """Runs a script in a process of its own; returns what it prints."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", script],
        env={"PYTHONPATH": str(ROOT / "layers" / "common")} | KEYS | env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_in_lambda_no_client_has_docstrings_and_no_model_plugins() -> None:
    assert run(IN_LAMBDA, **LAMBDA) == "\n"


def test_in_lambda_boto3_and_what_needs_it_are_there() -> None:
    assert run(BOTO3, **LAMBDA) == "done\n"


def test_every_public_name_is_the_packages_own() -> None:
    assert run(SCRIPT) == "done\n"
