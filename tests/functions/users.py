"""Users of the running stack: what they call, send and are refused."""

import io
from collections.abc import Iterator
from typing import Any

import httpx
from PIL import Image

from local.control.seed import Tenant
from local.stack import Stack
from tests.support import document


class Client:
    """A user of one workspace."""

    def __init__(self, stack: Stack, tenant: Tenant) -> None:
        self.workspace_id, self.tenant = tenant.workspace_id, tenant
        headers = {"Authorization": f"Bearer {tenant.token}"}
        self.http = httpx.Client(base_url=stack.base_url, headers=headers, timeout=60)

    def call(self, method: str, path: str, body: Any = None, **options: Any) -> httpx.Response:
        answer = self.http.request(method, path, json=body, **options)
        kind = answer.headers.get("content-type", "")
        document.check(method, path.partition("?")[0], answer.status_code, kind, answer.content)
        return answer

    def json(self, method: str, path: str, body: Any = None) -> Any:
        answer = self.call(method, path, body)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    def upload(self, data: bytes, content_type: str = "image/jpeg", name: str = "a.jpg") -> str:
        wish = {"fileName": name, "contentType": content_type, "size": len(data)}
        made = self.json("POST", "/api/uploads", {"workspaceId": self.workspace_id, **wish})
        target = made["upload"]
        sent = httpx.put(target["url"], content=data, headers=target["headers"], timeout=60)
        assert sent.status_code == 200, sent.text
        return str(made["url"])

    def refused(self, path: str, body: Any, method: str = "POST", status: int = 400) -> Any:
        answer = self.call(method, path, body)
        assert answer.status_code == status, answer.text
        envelope = answer.json()
        assert envelope["success"] is False
        assert set(envelope) >= {"error", "code", "message", "requestId"}
        return envelope


def newcomer[T: Client](stack: Stack, kind: type[T]) -> Iterator[T]:
    """A user with a workspace and credits."""
    client = kind(stack, stack.seeder.tenant(50))
    with client.http:
        yield client


def picture(kind: str = "JPEG", size: tuple[int, int] = (320, 180)) -> bytes:
    target = io.BytesIO()
    Image.linear_gradient("L").resize(size).convert("RGB").save(target, kind)
    return target.getvalue()


def break_call(stack: Stack, operation: str, function: str, **fault: Any) -> None:
    """Breaks a call that the function makes to AWS, once."""
    service = "s3" if operation.endswith(("Object", "Objects")) else "dynamodb"
    body = {"service": service, "operation": operation, "function": function} | fault
    httpx.post(f"{stack.aws_endpoint}/_local/faults", json=body).raise_for_status()
