"""A state machine's task: keeps its token, counts its attempts, fails or dies on request."""

import http.client
import os
import urllib.error
import urllib.request
from typing import Any

import boto3


def handler(event: dict[str, Any], context: Any) -> Any:
    table = boto3.client("dynamodb")
    name = os.environ["TABLE"]
    attempt = count(table, name, event["key"])
    if "token" in event:
        item = {
            "pk": {"S": event["key"]},
            "sk": {"S": f"token#{attempt}"},
            "token": {"S": event["token"]},
        }
        table.put_item(TableName=name, Item=item)
    if attempt <= event.get("die", 0):
        os._exit(1)
    if attempt <= event.get("fail", 0):
        raise ValueError("not yet")
    if "vendor" in event:
        return ask_vendor(os.environ["VENDOR_BASE_URL"] + event["vendor"])
    if "read" in event:
        boto3.client("s3").get_object(Bucket=os.environ["BUCKET"], Key=event["read"])
    if "write" in event:
        boto3.client("s3").put_object(Bucket=os.environ["BUCKET"], Key=event["key"], Body=b"x")
    return {"key": event["key"], "attempt": attempt}


def ask_vendor(url: str) -> Any:
    try:
        with urllib.request.urlopen(url, timeout=60) as answer:  # noqa: S310  # a test's URL
            return {"status": answer.status}
    except urllib.error.HTTPError as error:
        return {"status": error.code}
    except (OSError, http.client.HTTPException) as error:
        return {"error": type(error).__name__}


def count(table: Any, name: str, key: str) -> int:
    answer = table.update_item(
        TableName=name,
        Key={"pk": {"S": key}, "sk": {"S": "attempts"}},
        UpdateExpression="ADD attempts :one",
        ExpressionAttributeValues={":one": {"N": "1"}},
        ReturnValues="ALL_NEW",
    )
    return int(answer["Attributes"]["attempts"]["N"])
