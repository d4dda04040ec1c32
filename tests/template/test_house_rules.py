"""House rules, executable: folders, template, handlers, state machines, settings and docs agree."""

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest

from local.template import load_yaml
from showreel.core import errors, settings
from showreel.films.pipeline.transitions import Route
from showreel.generation.models import RouteName

ROOT = Path(__file__).parents[2]
AWS_ERRORS = {
    "States.ALL",
    "States.Timeout",
    "Lambda.TooManyRequestsException",
    "Lambda.ServiceException",
    "Lambda.AWSLambdaException",
    "Lambda.SdkClientException",
    "Lambda.ClientExecutionTimeoutException",
    "Lambda.Unknown",
    "Runtime.ExitError",
    "Sandbox.Timedout",
}
TRANSITION_ROUTES = set(get_args(Route)) - {"none"}
ROUTES = set(get_args(RouteName)) - {"hold", "settle"}
"""Error names by which a step of a job tells its state where the execution goes."""
RUNTIME_VARIABLES = {"AWS_SAM_LOCAL", "AWS_LAMBDA_EXEC_WRAPPER"}


TEMPLATE: dict[str, Any] = load_yaml(ROOT / "template.yaml")
RESOURCES: dict[str, Any] = TEMPLATE["Resources"]
FUNCTIONS = {
    name: resource["Properties"]
    for name, resource in RESOURCES.items()
    if resource["Type"] == "AWS::Serverless::Function"
}
HANDLERS = sorted((ROOT / "functions").glob("*/app.py"))
MACHINES = sorted((ROOT / "statemachines").glob("*.asl.json"))


def _folder(properties: dict[str, Any]) -> str:
    return str(properties["CodeUri"]).removeprefix("functions/")


def _states(machine: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, state in machine["States"].items():
        yield name, state
        if "ItemProcessor" in state:
            yield from _states(state["ItemProcessor"])


ALL_STATES = [
    pytest.param(name, state, id=f"{path.name.split('.')[0]}.{name}")
    for path in MACHINES
    for name, state in _states(json.loads(path.read_text()))
]
TASKS = [case for case in ALL_STATES if case.values[1]["Type"] == "Task"]
LOG_GROUPS = {
    "AccountLogs",
    "SinglesLogs",
    "FilmsLogs",
    "StoryboardsLogs",
    "GraphsLogs",
    "CutsLogs",
    "GenerationLogs",
    "EventsLogs",
}
"""One of each product (decision 0076). A stream is named by its function."""


def test_every_folder_is_a_function_and_every_function_a_folder() -> None:
    assert {path.parent.name for path in HANDLERS} == {_folder(f) for f in FUNCTIONS.values()}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_logical_id_function_name_log_group_and_release_follow_the_folder(name: str) -> None:
    folder = _folder(FUNCTIONS[name])
    pascal = "".join(part.capitalize() for part in folder.split("_"))
    kebab = folder.replace("_", "-")
    assert name == f"{pascal}Function"
    assert FUNCTIONS[name]["FunctionName"] == {"Fn::Sub": f"${{AWS::StackName}}-{kebab}"}
    group = FUNCTIONS[name]["LoggingConfig"]["LogGroup"]["Ref"]
    assert group in LOG_GROUPS
    assert "LogGroupName" not in RESOURCES[group]["Properties"]
    assert FUNCTIONS[name]["AutoPublishCodeSha256"] == {"Ref": "Release"}


@pytest.mark.parametrize("path", HANDLERS, ids=lambda path: path.parent.name)
def test_a_handler_is_thin(path: Path) -> None:
    source = path.read_text()
    assert len(source.splitlines()) <= 75
    assert "boto3" not in source


def _settings_fields() -> set[str]:
    kinds = [
        kind
        for kind in vars(settings).values()
        if isinstance(kind, type) and issubclass(kind, settings.Environment)
    ]
    return {name.upper() for kind in kinds for name in kind.variables()}


def test_settings_and_the_templates_environment_agree() -> None:
    environment = set(TEMPLATE["Globals"]["Function"]["Environment"]["Variables"])
    own = {name for name in environment if not name.startswith(("POWERTOOLS_", "PYDANTIC_"))}
    lambdas = {name for name in _settings_fields() if name.startswith("AWS_")}
    assert own == _settings_fields() - lambdas


@pytest.mark.parametrize(("name", "state"), TASKS)
def test_every_task_has_a_time_out_a_named_retry_and_a_way_out(
    name: str, state: dict[str, Any]
) -> None:
    assert "TimeoutSeconds" in state or "TimeoutSecondsPath" in state
    assert state["Catch"], name
    retried = {error for retry in state["Retry"] for error in retry["ErrorEquals"]}
    assert "Transient" in retried
    assert "States.TaskFailed" not in retried
    assert "States.ALL" not in retried


@pytest.mark.parametrize(("name", "state"), ALL_STATES)
def test_error_names_exist(name: str, state: dict[str, Any]) -> None:
    rules = [*state.get("Retry", []), *state.get("Catch", [])]
    named = {error for rule in rules for error in rule["ErrorEquals"]}
    ours = {
        error
        for error in named - AWS_ERRORS - ROUTES - TRANSITION_ROUTES
        if not hasattr(errors, error)
    }
    assert not ours, name


@pytest.mark.parametrize("state", ["Submit", "Collect", "MakeFile"])
def test_a_state_with_routes_catches_every_route(state: str) -> None:
    machine = json.loads((ROOT / "statemachines" / "generation.asl.json").read_text())
    caught = {error for rule in machine["States"][state]["Catch"] for error in rule["ErrorEquals"]}
    assert caught >= ROUTES


@pytest.mark.parametrize("state", ["FinishClip", "SkipClip"])
def test_a_state_that_finishes_a_clip_catches_every_route_to_a_transition(state: str) -> None:
    machine = json.loads((ROOT / "statemachines" / "video_pipeline.asl.json").read_text())
    found = dict(_states(machine))[state]
    caught = {error for rule in found["Catch"] for error in rule["ErrorEquals"]}
    assert caught >= TRANSITION_ROUTES


@pytest.mark.parametrize("path", MACHINES, ids=lambda path: path.name)
def test_state_machines_use_exactly_the_functions_they_are_given(path: Path) -> None:
    machine = next(
        resource["Properties"]
        for resource in RESOURCES.values()
        if resource["Type"] == "AWS::Serverless::StateMachine"
        and resource["Properties"]["DefinitionUri"] == f"statemachines/{path.name}"
    )
    used = set(re.findall(r"\$\{(\w+)\}", path.read_text()))
    assert used == set(machine["DefinitionSubstitutions"])
    versions = {name.removesuffix("Arn") + ".Version" for name in used}
    assert {given["Ref"] for given in machine["DefinitionSubstitutions"].values()} == versions


def test_every_function_has_an_example_event_and_every_event_a_function() -> None:
    events = {path.stem for path in (ROOT / "events").glob("*.json")}
    assert events == {_folder(function) for function in FUNCTIONS.values()}
    for path in (ROOT / "events").glob("*.json"):
        json.loads(path.read_text())


def test_nothing_committed_names_a_machine_path_or_a_registry() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True
    )
    hosts = re.compile(
        "|".join(
            ["pypi" + r"\.org", "npmjs" + r"\.org", "/" + "work/(main|shared)", "/" + r"root/\."]
        )
    )
    guilty = []
    for name in filter(None, listed.stdout.split("\0")):
        try:
            text = (ROOT / name).read_text()
        except (UnicodeDecodeError, FileNotFoundError):
            continue
        guilty += [name] if hosts.search(text) else []
    assert not guilty


def test_every_index_has_a_reader() -> None:
    """Each write of a row pays for its entries."""
    readable = {
        (name, index["IndexName"])
        for name, resource in RESOURCES.items()
        if resource["Type"] == "AWS::DynamoDB::Table"
        for kind in ("GlobalSecondaryIndexes", "LocalSecondaryIndexes")
        for index in resource["Properties"].get(kind, [])
    }
    policies = json.dumps([function.get("Policies", []) for function in FUNCTIONS.values()])
    read = set(re.findall(r"\$\{(\w+)\.Arn\}/index/(\w+)", policies))
    assert read == readable
