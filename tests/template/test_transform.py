"""What SAM makes of the template can be deployed and answers as documented."""

import ast
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from local.aws.permissions import Permissions, role_grants
from local.aws.resources import definition
from local.gateway.importing import ANY_METHOD, ImportRefused, findings
from local.gateway.routes import Api, load_api
from local.lambdas.functions import function_specs
from local.template import Template
from tests.support.permissions import EXCUSES, anonymous
from tests.template.conftest import Spoil
from tools.deployment import release
from tools.limits import deployed, measures, stages

ROOT = Path(__file__).parents[2]
ENVELOPE = {"success", "error", "code", "message", "requestId"}
METHODS = {"get", "post", "put", "patch", "delete", "head"}


@pytest.fixture(scope="session")
def api(transformed: Template) -> Api:
    return load_api(transformed, function_specs(transformed))


def body(template: Template) -> dict[str, Any]:
    found: dict[str, Any] = template.properties("Api")["Body"]
    return found


def handler_routes(folder: str) -> Iterator[tuple[str, str]]:
    """Method and path of every route that a handler declares."""
    for node in ast.walk(ast.parse((ROOT / "functions" / folder / "app.py").read_text())):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and ast.unparse(node.func.value) == "app"
            and node.func.attr in METHODS
        ):
            path = str(ast.literal_eval(node.args[0]))
            yield node.func.attr.upper(), path.replace("<", "{").replace(">", "}")


def test_every_route_of_a_handler_is_an_integration_of_its_alias(
    transformed: Template, api: Api
) -> None:
    served = {
        (target.function, method, path)
        for path, resource in api.resources.items()
        for method, target in resource.methods.items()
        if target.function
    }
    assert served == {
        (f"{spec.arn}:live", method, path)
        for spec in function_specs(transformed).values()
        for method, path in handler_routes(spec.folder)
    }


def test_every_path_answers_wrong_methods_preflights_and_unknown_paths(api: Api) -> None:
    for path, resource in api.resources.items():
        preflight, other = resource.methods["OPTIONS"].mock, resource.methods["ANY"].mock
        assert preflight is not None
        assert other is not None
        answer = other.answer("multipart/form-data; boundary=x")
        assert not isinstance(answer, str)
        assert answer.status == (404 if path == "/{proxy+}" else 405)
        assert set(json.loads(answer.body)) == ENVELOPE
        assert other.answer("application/xml") == "UNSUPPORTED_MEDIA_TYPE"


def test_the_gateways_own_errors_have_the_envelope_and_cors(api: Api) -> None:
    for response in api.responses.values():
        assert set(json.loads(response.template or "{}")) == ENVELOPE
        assert response.headers["Access-Control-Allow-Origin"] == "*"
        assert "Access-Control-Allow-Credentials" not in response.headers


def test_a_concrete_origin_may_send_credentials_everywhere() -> None:

    template = deployed(AllowedOrigin="https://app.example.com")
    api = load_api(template, function_specs(template))
    answers = [response.headers for response in api.responses.values()]
    for resource in api.resources.values():
        for method in ("OPTIONS", "ANY"):
            mock = resource.methods[method].mock
            answer = mock.answer("") if mock else ""
            assert not isinstance(answer, str)
            answers.append(answer.headers)
    for headers in answers:
        assert headers["Access-Control-Allow-Origin"] == "https://app.example.com"
        assert headers["Access-Control-Allow-Credentials"] == "true"


def test_nothing_exceeds_a_quota(transformed: Template) -> None:
    assert [one for one in measures(transformed) if one.exceeded] == []


def test_state_machines_may_invoke_exactly_the_functions_they_name(transformed: Template) -> None:
    for name, machine in transformed.of_type("AWS::StepFunctions::StateMachine").items():
        text = definition(transformed, machine)
        named = set(re.findall(r"arn:aws:lambda:[^\"]+", text))
        granted = {
            resource
            for action, resource in role_grants(transformed, f"{name}Role")
            if action == "lambda:InvokeFunction"
        }
        assert {re.sub(r":\d+$", ":*", arn) for arn in named} == granted
        assert all(re.search(r":\d+$", arn) for arn in named), "not a version"


def test_a_release_with_another_parameter_publishes_new_versions() -> None:

    versions = [
        {name for name, one in template.resources.items() if one["Type"] == "AWS::Lambda::Version"}
        for template in (
            deployed(),
            deployed(Release=release({"DisabledProviders": ""})),
            deployed(Release=release({"DisabledProviders": "kling"})),
        )
    ]
    assert len(versions[0]) == len(function_specs(deployed()))
    assert not versions[0] & versions[1]
    assert not versions[1] & versions[2]


def references(value: Any) -> Iterator[str]:
    """Logical ids that a tree refers to."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key == "Ref":
                yield str(inner)
            elif key == "Fn::GetAtt":
                yield str(inner[0] if isinstance(inner, list) else inner.split(".")[0])
            elif key == "Fn::Sub":
                text = inner if isinstance(inner, str) else inner[0]
                yield from re.findall(r"\$\{([A-Za-z0-9]+)(?:\.[A-Za-z0-9.]+)?\}", text)
                yield from references(inner)
            else:
                yield from references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from references(inner)


def test_resources_depend_on_each_other_without_a_cycle(transformed: Template) -> None:
    resources = transformed.document["Resources"]
    finished: set[str] = set()

    def visit(name: str, path: tuple[str, ...]) -> None:
        assert name not in path, " → ".join((*path, name))
        if name in finished:
            return
        depends = resources[name].get("DependsOn", [])
        needed = {
            *references(resources[name]),
            *([depends] if isinstance(depends, str) else depends),
        }
        for other in sorted(needed & resources.keys()):
            visit(other, (*path, name))
        finished.add(name)

    for name in resources:
        visit(name, ())


def test_no_policy_has_wild_actions_scans_or_deletes_from_ledger_or_jobs(
    transformed: Template,
) -> None:
    kept = [transformed.lookup(table, "Arn") for table in ("CreditsTable", "JobsTable")]
    for role in transformed.of_type("AWS::IAM::Role"):
        for action, resource in role_grants(transformed, role):
            assert "*" not in action, role
            assert action != "dynamodb:Scan", role
            assert action != "dynamodb:DeleteItem" or resource not in kept, role


def test_every_excuse_for_an_unused_permission_is_needed(transformed: Template) -> None:
    permissions = Permissions("eu-central-1", "123456789012")
    permissions.load(transformed, function_specs(transformed))
    granted = [anonymous(grant) for grants in permissions.grants.values() for grant in grants]
    for excuse in EXCUSES:
        assert any(excuse.covers(grant) for grant in granted), excuse


# The faults that once kept the stack from coming up, or from working: each is seen.


def without_the_right_to_invoke(document: dict[str, Any]) -> None:
    document["Resources"]["GatewayRole"]["Properties"]["Policies"] = []


def without_open_api_version(document: dict[str, Any]) -> None:
    document["Resources"]["Api"]["Properties"].pop("OpenApiVersion")


def with_nine_managed_policies(document: dict[str, Any]) -> None:
    runs = document["Resources"]["RunsFunction"]["Properties"]
    runs["Policies"] = [
        *runs["Policies"],
        *[f"arn:aws:iam::aws:policy/Policy{number}" for number in range(9)],
    ]


def with_an_undeclared_header(document: dict[str, Any]) -> None:
    paths = document["Resources"]["Api"]["Properties"]["DefinitionBody"]["paths"]
    paths["/api/health"][ANY_METHOD]["responses"]["405"].pop("headers")


def test_a_gateway_that_may_not_invoke_is_refused(spoiled: Callable[[Spoil], Template]) -> None:
    template = spoiled(without_the_right_to_invoke)
    with pytest.raises(ImportRefused, match="Invalid permissions on Lambda function: GET /api/me"):
        load_api(template, function_specs(template))


def test_a_second_stage_is_noticed(spoiled: Callable[[Spoil], Template]) -> None:
    template = spoiled(without_open_api_version)
    assert stages(template) == {"dev", "Stage"}
    assert "API stages" in {one.name for one in measures(template) if one.exceeded}


def test_too_many_managed_policies_are_noticed(spoiled: Callable[[Spoil], Template]) -> None:
    exceeded = {
        one.name: one.where for one in measures(spoiled(with_nine_managed_policies)) if one.exceeded
    }
    assert exceeded == {"managed policies of a role": "RunsFunctionRole"}


def test_a_mapped_header_that_is_not_declared_is_refused(
    spoiled: Callable[[Spoil], Template],
) -> None:
    template = spoiled(with_an_undeclared_header)
    assert any("Invalid mapping expression parameter" in one for one in findings(body(template)))
    with pytest.raises(ImportRefused):
        load_api(template, function_specs(template))


def test_gradual_deployment_covers_what_the_api_calls_and_stays_within_quotas(api: Api) -> None:

    template = deployed(GradualDeployment="true")
    shifted = {
        f"{template.lookup(alias['Properties']['FunctionName']['Ref'], 'Arn')}:live"
        for alias in template.resources.values()
        if alias["Type"] == "AWS::Lambda::Alias" and "UpdatePolicy" in alias
    }
    called = {t.function for r in api.resources.values() for t in r.methods.values()} - {""}
    assert shifted == called
    assert [one for one in measures(template) if one.exceeded] == []
