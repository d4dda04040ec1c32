"""What is kept between two runs with the same data folder."""

import json
from pathlib import Path

from local.settings import StackSettings
from local.stack import Stack
from tests.local.conftest import HERE


def settings(folder: Path) -> StackSettings:
    return StackSettings(template=HERE / "template.yaml", stack_name="kept", data_dir=folder)


def fill(stack: Stack) -> str:
    stack.clients.dynamodb.put_item(
        TableName=stack.variable("TABLE"),
        Item={"pk": {"S": "a"}, "sk": {"S": "b"}, "n": {"N": "1"}, "bin": {"B": b"\xff"}},
    )
    stack.clients.s3.put_object(
        Bucket=stack.variable("BUCKET"), Key="films/a.mp4", Body=b"film", ContentType="video/mp4"
    )
    return secret(stack)


def secret(stack: Stack) -> str:
    arn = stack.variable("SECRET_ARN")
    text: str = stack.clients.secretsmanager.get_secret_value(SecretId=arn)["SecretString"]
    assert json.loads(text)["user"] == "me"
    return text


def test_tables_objects_and_secrets_survive(tmp_path: Path) -> None:
    with Stack(settings(tmp_path)) as first:
        known = fill(first)
    with Stack(settings(tmp_path)) as second:
        items = second.clients.dynamodb.scan(TableName=second.variable("TABLE"))["Items"]
        film = second.clients.s3.get_object(Bucket=second.variable("BUCKET"), Key="films/a.mp4")
        assert items == [
            {"pk": {"S": "a"}, "sk": {"S": "b"}, "n": {"N": "1"}, "bin": {"B": b"\xff"}}
        ]
        assert (film["Body"].read(), film["ContentType"]) == (b"film", "video/mp4")
        assert secret(second) == known


def test_nothing_is_kept_without_a_folder() -> None:
    plain = StackSettings(template=HERE / "template.yaml", stack_name="kept")
    with Stack(plain) as first:
        fill(first)
        folder = first.state_dir
    assert not folder.exists()
    with Stack(plain) as second:
        assert second.clients.dynamodb.scan(TableName=second.variable("TABLE"))["Count"] == 0
