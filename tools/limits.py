"""Measures what SAM makes of the template against the quotas of AWS.

    python -m tools.limits          prints every measure with its limit; 1 if one is exceeded

Quotas, each the default of a new account:
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html
"""

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.aws.resources import definition
from local.names import Names
from local.template import Template

TEMPLATE = Path(__file__).parents[1] / "template.yaml"
LONGEST_STACK_NAME = 37
"""With a longer one the longest function name would exceed Lambda's 64 characters."""
LONGEST_REGION = "ap-southeast-1"


@dataclass(frozen=True)
class Measure:
    """A number that AWS limits."""

    name: str
    value: int
    limit: int
    where: str = ""

    @property
    def exceeded(self) -> bool:
        """True if a deployment would be refused."""
        return self.value > self.limit


def deployed(path: Path = TEMPLATE, **parameters: str) -> Template:
    """Returns the transformed template as a stack of the longest name and region sees it."""
    names = Names("s" * LONGEST_STACK_NAME, LONGEST_REGION, "123456789012")
    names.template = Template(path, parameters, names.pseudo(), names.lookup)
    return names.template


def measures(template: Template) -> list[Measure]:
    """Returns everything measured, the worst case of each kind."""
    return [
        Measure("resources", len(template.resources), 500),
        Measure("parameters", len(template.document.get("Parameters", {})), 200),
        Measure("outputs", len(template.document.get("Outputs", {})), 200),
        Measure("template bytes", len(_compact(template.document)), 1_000_000),
        *_roles(template),
        *_functions(template),
        *_machines(template),
        *_api(template),
    ]


def _roles(template: Template) -> Iterator[Measure]:
    managed: dict[str, int] = {}
    inline: dict[str, int] = {}
    for name, role in template.of_type("AWS::IAM::Role").items():
        managed[name] = len(role.get("ManagedPolicyArns", []))
        documents = [policy["PolicyDocument"] for policy in role.get("Policies", [])]
        inline[name] = sum(len(_compact(document)) for document in documents)
    yield _worst("managed policies of a role", managed, 10)
    yield _worst("inline policy bytes of a role", inline, 10_240)


def _functions(template: Template) -> Iterator[Measure]:
    functions = template.of_type("AWS::Lambda::Function")
    yield _worst("function name", {n: len(f["FunctionName"]) for n, f in functions.items()}, 64)
    environments = {
        name: sum(len(key) + len(str(value)) for key, value in _environment(function).items())
        for name, function in functions.items()
    }
    yield _worst("environment bytes", environments, 4096)
    yield _worst("layers", {n: len(f.get("Layers", [])) for n, f in functions.items()}, 5)
    yield _worst("time-out seconds", {n: int(f["Timeout"]) for n, f in functions.items()}, 900)


def _environment(function: dict[str, Any]) -> dict[str, Any]:
    variables: dict[str, Any] = function.get("Environment", {}).get("Variables", {})
    return variables


def _machines(template: Template) -> Iterator[Measure]:
    machines = template.of_type("AWS::StepFunctions::StateMachine")
    sizes = {name: len(definition(template, given)) for name, given in machines.items()}
    yield _worst("state machine bytes", sizes, 1_048_576)
    names = {name: len(given["StateMachineName"]) for name, given in machines.items()}
    yield _worst("state machine name", names, 80)


def _api(template: Template) -> Iterator[Measure]:
    for name, api in template.of_type("AWS::ApiGateway::RestApi").items():
        resources = {
            "/".join(path.split("/")[: depth + 1])
            for path in api["Body"]["paths"]
            for depth in range(path.count("/") + 1)
        }
        yield Measure("API resources", len(resources), 300, name)
        yield Measure("API definition bytes", len(_compact(api["Body"])), 6_000_000, name)
    yield Measure("API stages", len(stages(template)), 1)


def stages(template: Template) -> set[str]:
    """Returns the names of the stages that exist after a deployment.

    A deployment with a `StageName` makes that stage too, besides the template's own.
    """
    kinds = ("AWS::ApiGateway::Stage", "AWS::ApiGateway::Deployment")
    found = [given.get("StageName") for kind in kinds for given in template.of_type(kind).values()]
    return {str(name) for name in found if name}


def _worst(name: str, sizes: dict[str, int], limit: int) -> Measure:
    where = max(sizes, key=sizes.__getitem__)
    return Measure(name, sizes[where], limit, where)


def _compact(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))


def main() -> int:
    """Prints a line per measure."""
    found = measures(deployed())
    for one in found:
        mark = "  EXCEEDED" if one.exceeded else ""
        print(f"{one.name:32} {one.value:>9,} of {one.limit:>9,}  {one.where}{mark}")
    return 1 if any(one.exceeded for one in found) else 0


if __name__ == "__main__":
    sys.exit(main())
