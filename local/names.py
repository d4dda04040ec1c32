"""Physical names and ARNs of a template's resources, as CloudFormation would give them."""

from typing import Any

from local.template import Template

NAME_PROPERTIES = {
    "AWS::Lambda::Function": "FunctionName",
    "AWS::Lambda::LayerVersion": "LayerName",
    "AWS::StepFunctions::StateMachine": "StateMachineName",
    "AWS::DynamoDB::Table": "TableName",
    "AWS::S3::Bucket": "BucketName",
    "AWS::SecretsManager::Secret": "Name",
    "AWS::SSM::Parameter": "Name",
    "AWS::Events::Rule": "Name",
    "AWS::Events::EventBus": "Name",
    "AWS::Scheduler::Schedule": "Name",
    "AWS::Logs::LogGroup": "LogGroupName",
    "AWS::IAM::Role": "RoleName",
    "AWS::SNS::Topic": "TopicName",
    "AWS::SQS::Queue": "QueueName",
}
ARNS = {
    "AWS::Lambda::Function": "lambda:{region}:{account}:function:{name}",
    "AWS::Lambda::LayerVersion": "lambda:{region}:{account}:layer:{name}:1",
    "AWS::StepFunctions::StateMachine": "states:{region}:{account}:stateMachine:{name}",
    "AWS::DynamoDB::Table": "dynamodb:{region}:{account}:table/{name}",
    "AWS::S3::Bucket": "s3:::{name}",
    "AWS::SecretsManager::Secret": "secretsmanager:{region}:{account}:secret:{name}",
    "AWS::SSM::Parameter": "ssm:{region}:{account}:parameter/{name}",
    "AWS::Events::Rule": "events:{region}:{account}:rule/{name}",
    "AWS::Events::EventBus": "events:{region}:{account}:event-bus/{name}",
    "AWS::Scheduler::Schedule": "scheduler:{region}:{account}:schedule/default/{name}",
    "AWS::Logs::LogGroup": "logs:{region}:{account}:log-group:{name}:*",
    "AWS::IAM::Role": "iam::{account}:role/{name}",
    "AWS::SNS::Topic": "sns:{region}:{account}:{name}",
    "AWS::SQS::Queue": "sqs:{region}:{account}:{name}",
}
REF_IS_ARN = {
    "AWS::StepFunctions::StateMachine",
    "AWS::Lambda::LayerVersion",
    "AWS::Lambda::Version",
    "AWS::Lambda::Alias",
    "AWS::SecretsManager::Secret",
    "AWS::SNS::Topic",
}
API_ID = "showreelapi"
VERSION = "1"
"""The version of every function: a stack here is deployed once."""
STREAM = "2026-01-01T00:00:00.000"
"""The label of every table's stream."""


class Names:
    """Looks up what Ref and GetAtt give. `template` is set once it is loaded."""

    def __init__(self, stack_name: str, region: str, account: str) -> None:
        self.stack_name = stack_name
        self.region = region
        self.account = account
        self.template: Template | None = None
        self.arns: dict[str, str] = {}
        """ARNs that only their creation gave (a secret's ends in six random letters)."""

    def pseudo(self) -> dict[str, str]:
        """Returns the pseudo parameters."""
        where = f"{self.region}:{self.account}"
        return {
            "AWS::StackName": self.stack_name,
            "AWS::Region": self.region,
            "AWS::AccountId": self.account,
            "AWS::Partition": "aws",
            "AWS::URLSuffix": "amazonaws.com",
            "AWS::StackId": f"arn:aws:cloudformation:{where}:stack/{self.stack_name}/1",
        }

    def lookup(self, logical_id: str, attribute: str | None) -> str:
        """Returns the physical id (attribute None) or an attribute. Raises KeyError for a
        stranger.
        """
        kind = self._kind(logical_id)
        if attribute is None and kind == "AWS::SQS::Queue":
            name = self.name(logical_id)
            return f"https://sqs.{self.region}.amazonaws.com/{self.account}/{name}"
        if attribute is None:
            return self.arn(logical_id) if kind in REF_IS_ARN else self.name(logical_id)
        return self._attribute(logical_id, kind, attribute)

    def _kind(self, logical_id: str) -> str:
        """Returns a resource's type. Raises KeyError for a stranger."""
        return str(self._resource(logical_id)["Type"])

    def _resource(self, logical_id: str) -> dict[str, Any]:
        assert self.template is not None  # noqa: S101  # set right after loading
        resource: dict[str, Any] = self.template.document.get("Resources", {})[logical_id]
        return resource

    def _attribute(self, logical_id: str, kind: str, attribute: str) -> str:
        name = self.name(logical_id)
        match attribute:
            case "Arn" | "LayerVersionArn" | "TopicArn" | "Id" | "StreamArn":
                stream = f"/stream/{STREAM}" if attribute == "StreamArn" else ""
                return f"{self.arn(logical_id)}{stream}"
            case "Name" | "TableName" | "QueueName" | "FunctionName":
                return name
            case "DomainName":
                return f"{name}.s3.amazonaws.com"
            case "RegionalDomainName":
                return f"{name}.s3.{self.region}.amazonaws.com"
            case "Value" if kind == "AWS::SSM::Parameter" and self.template:
                return str(self.template.properties(logical_id)["Value"])
        return f"{name}.{attribute}"

    def name(self, logical_id: str) -> str:
        """Returns its name: what the template says, else made from the stack's and the
        logical id.
        """
        kind = self._kind(logical_id)
        if kind == "AWS::ApiGateway::RestApi":
            return API_ID
        given = self._given_name(logical_id, kind)
        if given is not None:
            return str(given)
        made = f"{self.stack_name}-{logical_id}"
        return f"{made}-{self.account}".lower() if kind == "AWS::S3::Bucket" else made

    def _given_name(self, logical_id: str, kind: str) -> Any:
        assert self.template is not None  # noqa: S101  # set right after loading
        raw = self._resource(logical_id).get("Properties", {}).get(NAME_PROPERTIES.get(kind, ""))
        return None if raw is None else self.template.resolve(raw)

    def arn(self, logical_id: str) -> str:
        """Returns its ARN."""
        if logical_id in self.arns:
            return self.arns[logical_id]
        kind = self._kind(logical_id)
        if kind in {"AWS::Lambda::Alias", "AWS::Lambda::Version"}:
            return self._qualified(logical_id)
        pattern = ARNS.get(kind, "local:{region}:{account}:{name}")
        name = self.name(logical_id).removeprefix("/")
        return "arn:aws:" + pattern.format(region=self.region, account=self.account, name=name)

    def _qualified(self, logical_id: str) -> str:
        """Returns the ARN of an alias or a version: its function's, qualified."""
        properties = self._resource(logical_id)["Properties"]
        return f"{self.arn(properties['FunctionName']['Ref'])}:{properties.get('Name', VERSION)}"
