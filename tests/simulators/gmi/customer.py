"""A customer of GMI's simulated queue."""

from dataclasses import dataclass
from typing import Any

import httpx

from tests.simulators.conftest import GMI_KEY, Customer
from tests.support.http import eventually

BASE = "/gmi/api/v1/ie/requestqueue/apikey"
VEO, KLING = "Veo3", "kling-3.0-turbo-i2v"
PICTURE, SPEECH = "seedream-5.0-lite", "minimax-tts-speech-2.8-hd"


@dataclass
class GmiCustomer:
    """Calls the queue over HTTP."""

    customer: Customer

    def call(self, method: str, path: str, key: str = GMI_KEY, **options: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        url = f"{BASE}/{path}"
        return self.customer.client.request(method, url, headers=headers, **options)

    def create(self, model: str = VEO, **payload: Any) -> httpx.Response:
        usual = {"prompt": "slow zoom in"}
        given = {name: value for name, value in {**usual, **payload}.items() if value is not None}
        return self.call("POST", "requests", json={"model": model, "payload": given})

    def created(self, model: str = VEO, **payload: Any) -> dict[str, Any]:
        answer = self.create(model, **payload)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def record(self, request_id: str) -> dict[str, Any]:
        answer = self.call("GET", f"requests/{request_id}")
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def ended(self, request_id: str) -> dict[str, Any]:
        def look() -> dict[str, Any] | None:
            record = self.record(request_id)
            return record if record["status"] in ("success", "failed", "cancelled") else None

        return dict(eventually(look))

    def fault(self, operation: str, fault: str, **more: Any) -> None:
        order = {"provider": "gmi", "operation": operation, "fault": fault, **more}
        answer = self.customer.client.post("/_sim/faults", json=order)
        assert answer.status_code == 201, answer.text
