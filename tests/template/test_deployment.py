"""What `make deploy` hands to SAM's CLI, and what it refuses before anything is built."""

import re
import tomllib

import pytest

from local.template import load_yaml
from tools import deployment
from tools.deployment import CONFIG, Refused, arguments, check, read
from tools.limits import LONGEST_STACK_NAME, TEMPLATE

ENVIRONMENTS = ("dev", "staging", "prod")


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_an_environment_deploys_with_what_samconfig_says(environment: str) -> None:
    found = read(environment, None, [])
    check(found, "eu-central-1")
    assert found.tags == {
        "project": "showreel",
        "stack": found.stack,
        "environment": environment,
    }
    assert found.parameters["StageName"] == environment
    deploy = tomllib.loads(CONFIG.read_text())[environment]["deploy"]["parameters"]
    assert "region" not in deploy
    assert deploy["fail_on_empty_changeset"] is False


def test_parameters_of_the_command_line_join_those_of_samconfig() -> None:
    words = arguments(read("prod", "mine", ["RunsGlobal=7", "BackupDays=0"]))
    assert words[:2] == ["--stack-name", "mine"]
    assert {"RunsGlobal=7", "BackupDays=0", "Architecture=arm64", "stack=mine"} <= set(words)
    assert "RunsGlobal=50" not in words


def test_another_commit_or_parameter_is_another_release(monkeypatch: pytest.MonkeyPatch) -> None:
    commit = "0123456789ab"
    monkeypatch.setattr(deployment, "_git", lambda *words: commit if "HEAD" in words else "")
    first = deployment.release({"RunsGlobal": "7"})
    assert first == deployment.release({"RunsGlobal": "7"})
    assert first != deployment.release({"RunsGlobal": "8"})
    commit = "ba9876543210"
    assert first != deployment.release({"RunsGlobal": "7"})


@pytest.mark.parametrize(
    ("stack", "given", "region", "reason"),
    [
        ("s" * (LONGEST_STACK_NAME + 1), [], "eu-central-1", "38 characters"),
        ("my_stack", [], "eu-central-1", "no name for a stack"),
        (None, ["RunGlobal=7"], "eu-central-1", "no parameter RunGlobal"),
        (None, ["DisabledProviders=fal, gmi"], "eu-central-1", "without blanks"),
        (None, [], None, "no region"),
    ],
)
def test_what_cannot_work_is_refused_before_a_build(
    stack: str | None, given: list[str], region: str | None, reason: str
) -> None:
    with pytest.raises(Refused, match=reason):
        check(read("dev", stack, given), region)


def test_an_unknown_environment_is_refused() -> None:
    with pytest.raises(Refused, match="dev, staging, prod"):
        read("test", None, [])


def test_workflows_call_make_targets_and_deploy_by_a_role_without_keys() -> None:
    makefile = (TEMPLATE.parent / "Makefile").read_text()
    texts = {path.stem: path.read_text() for path in (TEMPLATE.parent / ".github").rglob("*.yml")}
    for name, text in texts.items():
        for target in re.findall(r"run: make ([\w-]+)", text):
            assert re.search(rf"^{target}:", makefile, re.MULTILINE), f"{name}: make {target}"
        for action in re.findall(r"uses: (\S+)", text):
            assert action.startswith("./") or re.search(r"@v\d+$", action), action
        assert "secrets." not in text
        assert "permissions:\n  contents: read" in text
    assert "id-token: write" in texts["deploy"]
    assert "id-token" not in texts["ci"]


def test_what_holds_data_stays_when_a_stack_is_deleted() -> None:
    resources = load_yaml(TEMPLATE)["Resources"]
    holding = {"AWS::DynamoDB::Table", "AWS::S3::Bucket", "AWS::SecretsManager::Secret"}
    data = {name for name, one in resources.items() if one["Type"] in holding}
    assert data - {"IdempotencyTable"} <= set(deployment.retained())
