"""Makes the template's resources in moto: tables, buckets, secrets, parameters, state machines."""

import json
import re
import secrets
import string
from collections.abc import Mapping
from functools import cached_property
from typing import Any

import boto3
from botocore.config import Config

from local.lambdas.worker import secret_of
from local.names import Names
from local.sam import local_path
from local.template import Template

KEY_ID = "ASIALOCALSTACKITSELF"
TABLE_PROPERTIES = (
    "AttributeDefinitions",
    "KeySchema",
    "BillingMode",
    "GlobalSecondaryIndexes",
    "LocalSecondaryIndexes",
)

QUEUE_PROPERTIES = (
    "FifoQueue",
    "DeduplicationScope",
    "FifoThroughputLimit",
    "VisibilityTimeout",
    "MessageRetentionPeriod",
    "RedrivePolicy",
)


class Clients:
    """boto3 clients of the stack itself, made on first use."""

    def __init__(self, endpoint: str, region: str) -> None:
        self.endpoint = endpoint
        self.region = region
        self._session = boto3.Session(KEY_ID, secret_of(KEY_ID), region_name=region)

    def make(self, service: str) -> Any:
        """Returns a new client for a service."""
        options: dict[str, Any] = {"retries": {"mode": "standard", "total_max_attempts": 2}}
        if service == "s3":
            options |= {"signature_version": "s3v4", "s3": {"addressing_style": "path"}}
        return self._session.client(  # type: ignore[call-overload]  # any service
            service, endpoint_url=self.endpoint, config=Config(**options)
        )

    @cached_property
    def dynamodb(self) -> Any:
        """DynamoDB."""
        return self.make("dynamodb")

    @cached_property
    def s3(self) -> Any:
        """S3."""
        return self.make("s3")

    @cached_property
    def secretsmanager(self) -> Any:
        """Secrets Manager."""
        return self.make("secretsmanager")

    @cached_property
    def sqs(self) -> Any:
        """SQS."""
        return self.make("sqs")

    @cached_property
    def ssm(self) -> Any:
        """Systems Manager, for parameters."""
        return self.make("ssm")

    @cached_property
    def stepfunctions(self) -> Any:
        """Step Functions."""
        return self.make("stepfunctions")


class Resources:
    """Makes everything that must be there before the functions are."""

    def __init__(self, template: Template, names: Names, clients: Clients) -> None:
        self.template = template
        self.names = names
        self.clients = clients
        self.tables: list[str] = []
        self.buckets: list[str] = []
        self.secrets: list[str] = []

    def create(self, kept_secrets: Mapping[str, str]) -> None:
        """Makes them all; `kept_secrets` are values from an earlier run, by name."""
        for name, properties in self.template.of_type("AWS::DynamoDB::Table").items():
            self._table(self.names.name(name), properties)
        for name, properties in self.template.of_type("AWS::S3::Bucket").items():
            self._bucket(self.names.name(name), properties)
        self._queues()
        for name, properties in self.template.of_type("AWS::SecretsManager::Secret").items():
            self._secret(name, properties, kept_secrets)
        for name, properties in self.template.of_type("AWS::SSM::Parameter").items():
            self._parameter(self.names.name(name), properties)

    def create_state_machines(self) -> None:
        """Makes the state machines; functions must have their ARNs by now."""
        for name, properties in self.template.of_type("AWS::StepFunctions::StateMachine").items():
            self.clients.stepfunctions.create_state_machine(
                name=self.names.name(name),
                definition=definition(self.template, properties),
                roleArn=properties["RoleArn"],
                type=properties.get("StateMachineType", "STANDARD"),
            )

    def _table(self, name: str, properties: Mapping[str, Any]) -> None:
        request = {key: properties[key] for key in TABLE_PROPERTIES if key in properties}
        if "StreamSpecification" in properties:
            stream = {"StreamEnabled": True, **properties["StreamSpecification"]}
            request["StreamSpecification"] = stream
        self.clients.dynamodb.create_table(TableName=name, **request)
        self.tables.append(name)
        expiry = properties.get("TimeToLiveSpecification")
        if expiry:
            specification = {"AttributeName": expiry["AttributeName"], "Enabled": True}
            self.clients.dynamodb.update_time_to_live(
                TableName=name, TimeToLiveSpecification=specification
            )

    def _queues(self) -> None:
        """Makes the queues, those that others send to when they give up first."""
        queues = self.template.of_type("AWS::SQS::Queue")
        for name in sorted(queues, key=lambda name: "RedrivePolicy" in queues[name]):
            attributes = {key: queues[name][key] for key in QUEUE_PROPERTIES if key in queues[name]}
            self.clients.sqs.create_queue(
                QueueName=self.names.name(name),
                Attributes={key: _attribute(value) for key, value in attributes.items()},
            )

    def _bucket(self, name: str, properties: Mapping[str, Any]) -> None:
        self.clients.s3.create_bucket(Bucket=name)
        self.buckets.append(name)
        rules = properties.get("CorsConfiguration", {}).get("CorsRules")
        if rules:
            self.clients.s3.put_bucket_cors(
                Bucket=name, CORSConfiguration={"CORSRules": [_cors_rule(rule) for rule in rules]}
            )

    def _secret(self, name: str, properties: Mapping[str, Any], kept: Mapping[str, str]) -> None:
        physical = self.names.name(name)
        value = kept.get(physical) or secret_value(properties)
        answer = self.clients.secretsmanager.create_secret(Name=physical, SecretString=value)
        self.names.arns[name] = answer["ARN"]
        self.secrets.append(physical)

    def _parameter(self, name: str, properties: Mapping[str, Any]) -> None:
        self.clients.ssm.put_parameter(
            Name=name, Value=str(properties["Value"]), Type=properties.get("Type", "String")
        )

    def fill_secret(self, arn: str, values: Mapping[str, str]) -> dict[str, str]:
        """Adds what a JSON secret lacks or has empty; returns all of it."""
        answer = self.clients.secretsmanager.get_secret_value(SecretId=arn)
        present: dict[str, str] = json.loads(answer["SecretString"])
        filled = dict(values) | {key: value for key, value in present.items() if value}
        if filled != present:
            self.clients.secretsmanager.put_secret_value(
                SecretId=arn, SecretString=json.dumps(filled)
            )
        return filled


def definition(template: Template, properties: Mapping[str, Any]) -> str:
    """Returns a state machine's definition with its substitutions made."""
    if "DefinitionString" in properties:
        text = str(properties["DefinitionString"])
    else:
        path = template.path.parent / local_path(properties["DefinitionS3Location"])
        text = path.read_text()
    values: Mapping[str, Any] = properties.get("DefinitionSubstitutions", {})

    def value(match: re.Match[str]) -> str:
        return str(values.get(match[1], match[0]))

    return re.sub(r"\$\{(\w+)\}", value, text)


def _attribute(value: Any) -> str:
    return json.dumps(value) if isinstance(value, dict | bool) else str(value)


def _cors_rule(rule: Mapping[str, Any]) -> dict[str, Any]:
    names = {
        "AllowedMethods": "AllowedMethods",
        "AllowedOrigins": "AllowedOrigins",
        "AllowedHeaders": "AllowedHeaders",
        "ExposedHeaders": "ExposeHeaders",
        "MaxAge": "MaxAgeSeconds",
    }
    return {names[key]: value for key, value in rule.items() if key in names}


def secret_value(properties: Mapping[str, Any]) -> str:
    """Returns a new secret's value: given, or generated as Secrets Manager would."""
    if "SecretString" in properties:
        return str(properties["SecretString"])
    recipe = properties.get("GenerateSecretString", {})
    letters = string.ascii_letters + string.digits
    length = int(recipe.get("PasswordLength", 32))
    password = "".join(secrets.choice(letters) for _ in range(length))
    if "GenerateStringKey" not in recipe:
        return password
    value = json.loads(recipe.get("SecretStringTemplate", "{}"))
    return json.dumps(value | {recipe["GenerateStringKey"]: password})
