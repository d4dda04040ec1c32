"""A customer of the simulated Google, as far as tests of several files share one."""

import base64
from dataclasses import dataclass
from typing import Any

import httpx

from tests.simulators.conftest import GOOGLE_KEY, Customer
from tests.support.http import eventually

OMNI, VEO = "gemini-omni-1.1-flash", "veo-2.0-generate-001"


@dataclass
class GoogleCustomer:
    """Calls both protocols over HTTP."""

    customer: Customer

    @property
    def base_url(self) -> str:
        return f"{self.customer.config.base_url}/google"

    def call(self, method: str, path: str, key: str = GOOGLE_KEY, **options: Any) -> httpx.Response:
        headers = {"x-goog-api-key": key} if key else {}
        url = f"{self.base_url}/{path}"
        return self.customer.client.request(method, url, headers=headers, **options)

    def fault(self, operation: str, fault: str, **more: Any) -> None:
        order = {"provider": "google", "operation": operation, "fault": fault, **more}
        answer = self.customer.client.post("/_sim/faults", json=order)
        assert answer.status_code == 201, answer.text

    def order_veo(self, model: str = VEO, **changes: Any) -> httpx.Response:
        instance = {"prompt": "slow zoom in", "image": self.picture()}
        body = {"instances": [instance], "parameters": {"durationSeconds": 5}, **changes}
        return self.call("POST", f"v1beta/models/{model}:predictLongRunning", json=body)

    def order_omni(self, **changes: Any) -> httpx.Response:
        video = {"type": "video", "duration": "3s", "delivery": "uri"}
        usual = {"model": OMNI, "background": True, "input": "pan left", "response_format": video}
        return self.call("POST", "v1beta/interactions", json={**usual, **changes})

    def finished_veo(self, **changes: Any) -> dict[str, Any]:
        answer = self.order_veo(**changes)
        assert answer.status_code == 200, answer.text
        return self._ended(f"v1beta/{answer.json()['name']}", lambda found: found.get("done"))

    def finished_omni(self, **changes: Any) -> dict[str, Any]:
        answer = self.order_omni(**changes)
        assert answer.status_code == 200, answer.text
        path = f"v1beta/interactions/{answer.json()['id']}"
        return self._ended(path, lambda found: found["status"] != "in_progress")

    def picture(self, name: str = "/room.jpg") -> dict[str, str]:
        data = base64.b64encode(self.customer.pictures.files[name]).decode()
        return {"bytesBase64Encoded": data, "mimeType": "image/jpeg"}

    def image(self, name: str = "/room.jpg") -> dict[str, str]:
        data = self.picture(name)["bytesBase64Encoded"]
        return {"type": "image", "data": data, "mime_type": "image/jpeg"}

    def _ended(self, path: str, is_ended: Any) -> dict[str, Any]:
        def look() -> dict[str, Any] | None:
            answer = self.call("GET", path)
            assert answer.status_code == 200, answer.text
            found: dict[str, Any] = answer.json()
            return found if is_ended(found) else None

        found: dict[str, Any] = eventually(look)
        return found
