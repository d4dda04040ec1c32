"""Writes the table of who may do what to what into docs/security.md, from the transformed template.

python -m tools.permissions            writes it
python -m tools.permissions --check    1 if the document says something else
"""

import re
import sys
from collections import defaultdict
from pathlib import Path

from local.aws.permissions import role_grants
from local.lambdas.functions import function_specs
from local.template import Template
from tools.limits import deployed

DOCUMENT = Path(__file__).parents[1] / "docs" / "security.md"
BEGIN, END = "<!-- permissions: begin -->", "<!-- permissions: end -->"
SERVICES = {"dynamodb", "s3", "secretsmanager", "ssm", "states", "lambda", "sqs"}


def rows(template: Template) -> list[tuple[str, str, str]]:
    """Returns who, on what, may do what; logs, traces and what SAM grants by itself aside."""
    roles = {template.lookup(name, "Arn"): name for name in template.of_type("AWS::IAM::Role")}
    owners = {
        spec.folder: roles[template.properties(name)["Role"]]
        for name, spec in function_specs(template).items()
    }
    for name, machine in template.of_type("AWS::StepFunctions::StateMachine").items():
        owners[name] = roles[machine["RoleArn"]]
    found = []
    for owner, role in sorted(owners.items()):
        actions = defaultdict(set)
        for action, resource in role_grants(template, role):
            if action.partition(":")[0] in SERVICES:
                actions[short(template, resource)].add(action)
        found += [
            (owner, resource, ", ".join(sorted(one))) for resource, one in sorted(actions.items())
        ]
    return found


def short(template: Template, arn: str) -> str:
    """Returns a resource as people call it: without partition, account and the stack's name."""
    stack = template.pseudo["AWS::StackName"]
    tail = re.sub(r"^(table|parameter|secret:|function:)/?", "", arn.split(":", 5)[-1])
    tail = tail.replace(f"-{template.pseudo['AWS::AccountId']}", "")
    return tail.replace(f"{stack}-", "")


def table(template: Template) -> str:
    """Returns the rows as Markdown."""
    lines = ["| Who | On | May |", "|---|---|---|"]
    lines += [f"| `{who}` | `{what}` | {may} |" for who, what, may in rows(template)]
    return "\n".join(lines)


def main(arguments: list[str]) -> int:
    """Writes or compares."""
    text = DOCUMENT.read_text()
    before, _, rest = text.partition(BEGIN)
    after = rest.partition(END)[2]
    wanted = f"{before}{BEGIN}\n{table(deployed())}\n{END}{after}"
    if "--check" in arguments:
        if text != wanted:
            print("docs/security.md is not up to date: run `make permissions`", file=sys.stderr)
        return int(text != wanted)
    DOCUMENT.write_text(wanted)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
