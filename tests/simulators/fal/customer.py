"""A customer of fal's: calls the queue over HTTP, and orders faults."""

import json
from dataclasses import dataclass
from typing import Any

import httpx

from tests.simulators.conftest import FAL_KEY, Customer
from tests.support.http import eventually

FLUX = "fal-ai/flux/schnell"
KLING = "fal-ai/kling-video/o3/standard"


@dataclass
class FalCustomer:
    """Speaks the vendor's protocol."""

    customer: Customer

    def call(self, method: str, path: str, key: str = FAL_KEY, **options: Any) -> httpx.Response:
        headers = {"Authorization": f"Key {key}"}
        url = path if path.startswith("http") else f"/fal/{path}"
        return self.customer.client.request(method, url, headers=headers, **options)

    def submitted(self, model: str, hook: str | None = None, **inputs: Any) -> dict[str, Any]:
        query = {"fal_webhook": hook} if hook else {}
        answer = self.call("POST", model, params=query, json=inputs)
        assert answer.status_code == 200, answer.text
        said: dict[str, Any] = answer.json()
        return said

    def result(self, request: dict[str, Any]) -> httpx.Response:
        """The answer for the result, when the request is completed."""

        def ended() -> bool:
            return self.call("GET", request["status_url"]).status_code == 200

        eventually(ended)
        return self.call("GET", request["response_url"])

    def made(self, model: str, **inputs: Any) -> Any:
        answer = self.result(self.submitted(model, **inputs))
        assert answer.status_code == 200, answer.text
        return answer.json()

    def file(self, result: dict[str, Any]) -> httpx.Response:
        answer = self.customer.client.get(result["url"])
        assert answer.status_code == 200
        return answer

    def fault(self, operation: str, fault: str, **more: Any) -> None:
        body = {"provider": "fal", "operation": operation, "fault": fault, **more}
        answer = self.customer.client.post("/_sim/faults", json=body)
        assert answer.status_code == 201, answer.text

    def heard(self, count: int) -> list[dict[str, Any]]:
        """The bodies of the webhooks, when there are so many."""
        received = self.customer.pictures.received
        eventually(lambda: len(received) >= count)
        return [json.loads(body) for _, body in received]
