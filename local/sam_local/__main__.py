"""Runs functions in containers, each with its example event, and says what they answered.

    python -m local.sam_local --build .aws-sam/x86_64/build --architecture x86_64 --all
    python -m local.sam_local … health pipeline_compile_video
    python -m local.sam_local … --api

Exits with 1 if one fails, with 2 if there is nothing to run or no Docker.
"""

import argparse
import sys
from pathlib import Path

from local.sam_local import api, containers
from local.sam_local.containers import EMULATED_ACCOUNT, EMULATED_REGION, NoDocker, Sam
from local.sam_local.runner import Runner
from local.sam_local.scenes import STEPS
from local.settings import StackSettings
from local.stack import Stack

POLL_SECONDS = "20"
"""Longer than a container takes to start, so that a wait for a vendor is still one when it runs."""


def main(arguments: list[str]) -> int:
    """Entry point. Returns the exit status."""
    options = _parser().parse_args(arguments)
    if not (options.functions or options.all or options.api):
        print("name functions (FUNCTION=health) or take ALL=1", file=sys.stderr)
        return 2
    try:
        host = containers.bridge_address()
        containers.require_image(options.architecture)
    except NoDocker as error:
        print(
            f"sam-local: nothing was run, Docker and Lambda's image are needed: {error}",
            file=sys.stderr,
        )
        return 0 if options.if_docker else 2
    settings = StackSettings(
        host=host,
        account=EMULATED_ACCOUNT,
        region=EMULATED_REGION,
        parameters={"PollSeconds": POLL_SECONDS},
        fork=True,
    )
    with Stack(settings) as stack:
        sam = Sam(stack, options.build, options.architecture)
        if options.api:
            return api.smoke(stack, sam)
        return _run(stack, sam, options)


def _run(stack: Stack, sam: Sam, options: argparse.Namespace) -> int:
    by_name = {spec.folder: name for name, spec in stack.specs.items()}
    folders = {name: folder for folder, name in by_name.items()} | {f: f for f in by_name}
    unknown = [name for name in options.functions if name not in folders]
    if unknown:
        print(f"no such function: {', '.join(unknown)}", file=sys.stderr)
        return 2
    wanted = sorted(by_name) if options.all else [folders[name] for name in options.functions]
    runner = Runner(stack, sam, options.seconds)
    runner.run_api([folder for folder in wanted if folder not in STEPS])
    runner.run_steps(frozenset(wanted) & STEPS)
    runner.summary()
    if options.keep:
        runner.keep()
    return 1 if runner.failures else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="sam-local", description=__doc__.partition("\n")[0])
    parser.add_argument("functions", nargs="*", help="folders or logical ids")
    parser.add_argument("--build", type=Path, required=True, help="what `make build` made")
    parser.add_argument("--architecture", choices=("x86_64", "arm64"), required=True)
    parser.add_argument("--all", action="store_true", help="every function")
    parser.add_argument("--api", action="store_true", help="a smoke test of `sam local start-api`")
    parser.add_argument("--seconds", type=float, default=180, help="time-out of one invocation")
    parser.add_argument("--keep", action="store_true", help="keep the stack up until Ctrl-C")
    parser.add_argument(
        "--if-docker", action="store_true", help="exit with 0 where there is no Docker"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
