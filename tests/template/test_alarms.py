"""Alarms look at what exists, notify somebody, and are in the operator's table."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from local.gateway.routes import load_api
from local.lambdas.functions import function_specs
from local.template import Template
from showreel.core.observability import NAMESPACE, count, measure
from tests.template.conftest import Spoil
from tools.limits import deployed

ROOT = Path(__file__).parents[2]
TOPIC = "arn:aws:sns:eu-central-1:123456789012:on-call"
COUNTED = re.compile(r"count\(\s*\"(\w+)\"((?:,\s*\w+=[^,)]+)*)")
MEASURED = re.compile(r'\bmeasure\("(\w+)"')
Datum = tuple[str, str, frozenset[tuple[str, str]]]
"""Namespace, name, dimensions: what CloudWatch keeps apart."""


@pytest.fixture(scope="module")
def watched() -> Template:
    return deployed(AlarmTopicArn=TOPIC)


@pytest.fixture(scope="module")
def alarms(watched: Template) -> dict[str, dict[str, Any]]:
    return dict(watched.of_type("AWS::CloudWatch::Alarm"))


def looked_at(alarm: dict[str, Any]) -> Iterator[Datum]:
    """What the alarm reads."""
    metrics = [
        one["MetricStat"]["Metric"] for one in alarm.get("Metrics", []) if "MetricStat" in one
    ]
    for metric in metrics or [alarm]:
        dimensions = {(one["Name"], str(one["Value"])) for one in metric.get("Dimensions", [])}
        yield metric["Namespace"], metric["MetricName"], frozenset(dimensions)


def emitted(printed: str) -> set[Datum]:
    """The data that CloudWatch makes of lines in embedded metric format."""
    found: set[Datum] = set()
    for line in filter(None, printed.splitlines()):
        document = json.loads(line)
        for directive in document["_aws"]["CloudWatchMetrics"]:
            for names in directive["Dimensions"]:
                dimensions = frozenset((name, document[name]) for name in names)
                for metric in directive["Metrics"]:
                    assert metric["Name"] in document
                    found.add((directive["Namespace"], metric["Name"], dimensions))
    return found


def count_as_the_code_does() -> None:
    """Every `count("Name", dimension=…)` and `measure("Name", …)` of the product."""
    product = (ROOT / "layers" / "common" / "showreel", ROOT / "functions")
    for path in (path for folder in product for path in folder.rglob("*.py")):
        text = path.read_text()
        for name, arguments in COUNTED.findall(text):
            dimensions = re.findall(r"(\w+)=", arguments)
            count(name, **dict.fromkeys(dimensions, "some"))
        for name in MEASURED.findall(text):
            measure(name, 1, "Count")


@pytest.fixture
def data(
    watched: Template, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> set[Datum]:
    """What the product emits in a stack of that template."""
    variables = watched.properties("HealthFunction")["Environment"]["Variables"]
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", variables["POWERTOOLS_SERVICE_NAME"])
    count_as_the_code_does()
    return emitted(capsys.readouterr().out)


def test_every_alarm_on_our_own_metrics_looks_at_a_datum_that_the_code_emits(
    alarms: dict[str, dict[str, Any]], data: set[Datum]
) -> None:
    own = {
        datum for alarm in alarms.values() for datum in looked_at(alarm) if datum[0] == NAMESPACE
    }
    assert {name for _, name, _ in own} >= {"LedgerError", "ProviderQuota", "Sweep", "OverdueJobs"}
    assert own <= data


def without_dimensions(document: dict[str, Any]) -> None:
    document["Resources"]["LedgerErrorAlarm"]["Properties"].pop("Dimensions")


def test_an_alarm_that_could_never_fire_is_noticed(
    spoiled: Callable[[Spoil], Template], data: set[Datum]
) -> None:
    blind = spoiled(without_dimensions).properties("LedgerErrorAlarm")
    assert not set(looked_at(blind)) <= data


def test_every_alarm_notifies_describes_itself_and_says_what_silence_means(
    alarms: dict[str, dict[str, Any]],
) -> None:
    for name, alarm in alarms.items():
        assert alarm["AlarmActions"] == [TOPIC], name
        assert len(alarm["AlarmDescription"]) > 20, name
        assert alarm["TreatMissingData"] in {"breaching", "notBreaching"}, name
        assert len(alarm.get("Metrics", [])) <= 11, f"{name}: an alarm reads at most 10 metrics"


def test_without_a_topic_alarms_notify_nobody(transformed: Template) -> None:
    for alarm in transformed.of_type("AWS::CloudWatch::Alarm").values():
        assert "AlarmActions" not in alarm


def test_every_alarm_is_in_the_operators_table(alarms: dict[str, dict[str, Any]]) -> None:
    text = (ROOT / "docs" / "operations.md").read_text()
    section = text.split("## Alarms")[1].split("\n## ")[0]
    rows = [line.split("|")[1] for line in section.splitlines() if line.startswith("| `")]
    table = {name for row in rows for name in re.findall(r"`(\w+)`", row)}
    assert table == {name.removesuffix("Alarm") for name in alarms}


def test_what_alarms_look_at_in_other_namespaces_is_in_this_stack(
    watched: Template, alarms: dict[str, dict[str, Any]]
) -> None:
    known = {
        *(watched.ref(name) for name in watched.resources),
        *(watched.lookup(name, "QueueName") for name in watched.of_type("AWS::SQS::Queue")),
        watched.properties("Api")["Name"],
        watched.properties("ApiStage")["StageName"],
        "TransactWriteItems",
        "UpdateItem",
        "GetItem",
    }
    for name, alarm in alarms.items():
        for namespace, _, dimensions in looked_at(alarm):
            unknown = {value for _, value in dimensions} - known
            assert namespace == NAMESPACE or not unknown, name


def test_errors_that_no_status_shows_have_an_alarm(
    watched: Template, alarms: dict[str, dict[str, Any]]
) -> None:
    """An error of a buffered API function is a 5xx; every other one needs to be looked for."""
    seen = {
        value
        for alarm in alarms.values()
        for _, name, dimensions in looked_at(alarm)
        for _, value in dimensions
        if name == "Errors"
    }
    specs = function_specs(watched)
    resources = load_api(watched, specs).resources.values()
    targets = [target.function for one in resources for target in one.methods.values()]
    answering = {arn.split(":")[6] for arn in targets if arn}
    for name, spec in specs.items():
        variables = watched.properties(name)["Environment"]["Variables"]
        if "AWS_LAMBDA_EXEC_WRAPPER" in variables or spec.name not in answering:
            assert spec.name in seen, name
