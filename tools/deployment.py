"""What `make deploy` and `make delete` need to know before SAM's CLI is called.

    python -m tools.deployment check ENV [--stack NAME] [Name=value …]
        2 and a reason if it can't work
    python -m tools.deployment arguments ENV [--stack NAME] [Name=value …]
        what `sam deploy` is given
    python -m tools.deployment retained ENV [--stack NAME]
        what a deletion leaves

`sam deploy` replaces samconfig's parameters and tags by those of its command line, so both are
joined here.
"""

import argparse
import hashlib
import re
import subprocess
import sys
import time
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from local.template import load_yaml
from tools.limits import LONGEST_STACK_NAME, TEMPLATE

CONFIG = TEMPLATE.parent / "samconfig.toml"
STACK_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]*")
PAIR = re.compile(r"([A-Za-z0-9]+)=(\S*)")


class Refused(ValueError):
    """The deployment can't work; the message says why."""


@dataclass(frozen=True)
class Deployment:
    """An environment of samconfig.toml, with what the command line adds."""

    stack: str
    parameters: Mapping[str, str]
    tags: Mapping[str, str]


def read(
    environment: str, stack: str | None, given: Sequence[str], config: Path = CONFIG
) -> Deployment:
    """Joins samconfig and command line. Raises Refused."""
    sections = tomllib.loads(config.read_text())
    known = [name for name, one in sections.items() if isinstance(one, dict) and "deploy" in one]
    if environment not in known:
        raise Refused(f"{config.name} has no environment {environment}; it has {', '.join(known)}")
    section = sections[environment]
    deploy = section["deploy"]["parameters"]
    name = stack or section["global"]["parameters"]["stack_name"]
    tags = _pairs(deploy["tags"].split()) | {"stack": name}
    return Deployment(name, _pairs(deploy["parameter_overrides"].split()) | _pairs(given), tags)


def _pairs(words: Sequence[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for word in words:
        pair = PAIR.fullmatch(word)
        if pair is None:
            raise Refused(f"{word!r} is not Name=value without blanks")
        found[pair[1]] = pair[2]
    return found


def check(deployment: Deployment, region: str | None) -> None:
    """Finds before a build what CloudFormation would find after it. Raises Refused."""
    if not STACK_NAME.fullmatch(deployment.stack):
        raise Refused(f"{deployment.stack!r} is no name for a stack: letters, digits, hyphens")
    if len(deployment.stack) > LONGEST_STACK_NAME:
        raise Refused(
            f"the stack name {deployment.stack!r} has {len(deployment.stack)} characters; with "
            f"more than {LONGEST_STACK_NAME} the longest function name exceeds Lambda's 64"
        )
    unknown = deployment.parameters.keys() - load_yaml(TEMPLATE)["Parameters"].keys()
    if unknown:
        raise Refused(f"the template has no parameter {', '.join(sorted(unknown))}")
    if not region:
        raise Refused("no region: set AWS_REGION, or a profile that has one")


def caller_region() -> str | None:
    """Returns the region that SAM's CLI will use: AWS_REGION, AWS_DEFAULT_REGION or the
    profile's.
    """
    import os

    import botocore.session

    return os.environ.get("AWS_REGION") or botocore.session.get_session().get_config_variable(
        "region"
    )


def release(parameters: Mapping[str, str]) -> str:
    """Names commit and parameters, so that a change of either publishes new versions.

    The hash comes first: SAM names a version by the first ten characters and leaves out the rest.
    Work that isn't committed has no name but the time.
    """
    commit = _git("rev-parse", "--short=12", "HEAD") or "unversioned"
    dirty = time.strftime("-%Y%m%d%H%M%S", time.gmtime()) if _git("status", "--porcelain") else ""
    values = repr((commit, dirty, sorted(parameters.items())))
    return f"{hashlib.sha256(values.encode()).hexdigest()[:10]}-{commit}{dirty}"


def _git(*words: str) -> str:
    done = subprocess.run(
        ["git", *words],
        cwd=TEMPLATE.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout.strip()


def arguments(deployment: Deployment) -> list[str]:
    """Options of `sam deploy` that samconfig can't give."""
    parameters = {"Release": release(deployment.parameters), **deployment.parameters}
    return [
        *("--stack-name", deployment.stack),
        "--parameter-overrides",
        *(f"{name}={value}" for name, value in parameters.items()),
        "--tags",
        *(f"{name}={value}" for name, value in deployment.tags.items()),
    ]


def retained() -> list[str]:
    """Logical ids that CloudFormation keeps when the stack is deleted."""
    resources = load_yaml(TEMPLATE)["Resources"]
    return [
        name
        for name, resource in resources.items()
        if str(resource.get("DeletionPolicy", "")).startswith("Retain")
    ]


def main(words: Sequence[str]) -> int:
    """Returns the command line; returns the exit status."""
    parser = argparse.ArgumentParser(prog="tools.deployment")
    parser.add_argument("action", choices=["check", "arguments", "retained"])
    parser.add_argument("environment")
    parser.add_argument("--stack")
    parser.add_argument("parameters", nargs="*")
    asked = parser.parse_intermixed_args(words)
    try:
        deployment = read(asked.environment, asked.stack, asked.parameters)
        if asked.action == "check":
            check(deployment, caller_region())
    except Refused as refusal:
        print(f"Not deployed: {refusal}.", file=sys.stderr)
        return 2
    if asked.action == "arguments":
        print(*arguments(deployment), sep="\n")
    elif asked.action == "retained":
        print(f"{deployment.stack} goes. These stay, with what is in them, until you delete them:")
        print(*(f"  {name}" for name in retained()), sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
