"""What an operator has: a dashboard, queries, a queue of failures, limits, copies; and the docs."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from local.lambdas.functions import function_specs
from local.template import Template, load_yaml
from tools.limits import TEMPLATE, deployed

ROOT = Path(__file__).parents[2]
DOCS = (ROOT / "docs" / "operations.md").read_text()
OPTIONAL = {
    "AWS::WAFv2::WebACL",
    "AWS::WAFv2::WebACLAssociation",
    "AWS::ApiGateway::DomainName",
    "AWS::ApiGateway::BasePathMapping",
    "AWS::Route53::RecordSet",
    "AWS::Backup::BackupVault",
    "AWS::Backup::BackupPlan",
    "AWS::Backup::BackupSelection",
    "AWS::Budgets::Budget",
}


@pytest.fixture(scope="module")
def everything() -> Template:
    """The stack with every option chosen."""
    return deployed(
        WafRequestsPerIp="1000",
        WafRequestsPerCaller="500",
        DomainName="api.example.com",
        CertificateArn="arn:aws:acm:eu-central-1:123456789012:certificate/1",
        HostedZoneId="Z1",
        BucketVersioning="true",
        BackupDays="35",
        BudgetUsd="100",
        BudgetEmail="ops@example.com",
    )


def kinds(template: Template) -> set[str]:
    return {resource["Type"] for resource in template.resources.values()}


def test_what_costs_money_is_off_until_it_is_asked_for(
    transformed: Template, everything: Template
) -> None:
    assert not OPTIONAL & kinds(transformed)
    assert kinds(everything) >= OPTIONAL


def test_every_parameter_is_in_the_docs() -> None:
    section = DOCS.split("## Parameters")[1].split("\n## ")[0]
    rows = [line.split("|")[1] for line in section.splitlines() if line.startswith("| `")]
    named = [name for row in rows for name in re.findall(r"`(\w+)`", row)]
    assert sorted(named) == sorted(load_yaml(TEMPLATE)["Parameters"])


def test_every_saved_query_is_in_the_docs_and_reads_groups_that_exist(
    transformed: Template,
) -> None:
    groups = {transformed.ref(name) for name in transformed.of_type("AWS::Logs::LogGroup")}
    for query in transformed.of_type("AWS::Logs::QueryDefinition").values():
        assert query["Name"].partition("/")[2] in DOCS
        assert set(query["LogGroupNames"]) <= groups
        assert len(query["LogGroupNames"]) <= 50, "Logs Insights reads at most 50 groups"


def test_the_dashboard_shows_every_function_and_alarm(transformed: Template) -> None:
    body = transformed.properties("Dashboard")["DashboardBody"]
    widgets = json.loads(body)["widgets"]
    titles = {widget["properties"]["title"] for widget in widgets}
    assert {"Films", "Jobs", "Money", "API: answers", "Lambda in the account"} <= titles
    for spec in function_specs(transformed).values():
        assert f'"{spec.name}"' in body
    shown = next(widget for widget in widgets if widget["type"] == "alarm")
    assert len(shown["properties"]["alarms"]) == len(transformed.of_type("AWS::CloudWatch::Alarm"))


def test_what_fails_where_nobody_waits_is_kept(transformed: Template) -> None:
    queue = transformed.lookup("FailedEvents", "Arn")
    configured = transformed.of_type("AWS::Lambda::EventInvokeConfig").values()
    kept = {
        config["FunctionName"]: config["DestinationConfig"]["OnFailure"]["Destination"]
        for config in configured
    }
    rules = transformed.of_type("AWS::Events::Rule")
    assert rules
    for name, rule in rules.items():
        for target in rule["Targets"]:
            assert target["DeadLetterConfig"] == {"Arn": queue}, name
            functions = [one for one in kept if f":{one}:live" in target["Arn"]]
            assert [kept[one] for one in functions] == [queue], name
    allowed = transformed.properties("FailedEventsPolicy")["PolicyDocument"]["Statement"][1]
    sources = allowed["Condition"]["ArnEquals"]["aws:SourceArn"]
    assert sorted(sources) == sorted(transformed.lookup(name, "Arn") for name in rules)


def test_access_logs_have_neither_paths_nor_queries_nor_headers(transformed: Template) -> None:
    setting = transformed.properties("ApiStage")["AccessLogSetting"]
    fields: dict[str, Any] = json.loads(setting["Format"])
    assert {"request_id", "route", "status", "latency_ms", "ip"} <= fields.keys()
    assert "$context.path" not in fields.values()
    assert not re.search(r"query|authorizer|header", setting["Format"], re.IGNORECASE)


def test_too_many_requests_get_the_envelope_from_waf_too(everything: Template) -> None:
    acl = everything.properties("WebAcl")
    body = json.loads(acl["CustomResponseBodies"]["rate-limited"]["Content"])
    assert set(body) == {"success", "error", "code", "message", "requestId"}
    keys = []
    for rule in acl["Rules"]:
        answer = rule["Action"]["Block"]["CustomResponse"]
        assert answer["ResponseCode"] == 429
        assert "Retry-After" in {header["Name"] for header in answer["ResponseHeaders"]}
        keys.append(rule["Statement"]["RateBasedStatement"]["AggregateKeyType"])
    assert keys == ["IP", "CUSTOM_KEYS"]
    assert len(deployed(WafRequestsPerIp="100").properties("WebAcl")["Rules"]) == 1
    arn = everything.properties("WebAclAssociation")["ResourceArn"]
    assert arn.endswith(f"/stages/{everything.ref('ApiStage')}")


def test_state_machines_log_without_inputs_and_outputs(transformed: Template) -> None:
    for machine in transformed.of_type("AWS::StepFunctions::StateMachine").values():
        logging = machine["LoggingConfiguration"]
        assert logging["Level"] == "ERROR"
        assert logging["IncludeExecutionData"] is False
