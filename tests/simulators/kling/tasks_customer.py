"""A customer of Kling's second standard."""

from dataclasses import dataclass
from typing import Any

from tests.simulators.conftest import API_KEY, Customer
from tests.support.http import eventually


@dataclass
class TasksCustomer:
    """Orders by a model in the path and asks for tasks by their ids."""

    customer: Customer

    def order(self, *contents: dict[str, Any], **changes: Any) -> dict[str, Any]:
        """A good image order with more contents; changes are settings, `options` is itself."""
        first = {"type": "first_frame", "url": self.customer.picture_url}
        prompt = {"type": "prompt", "text": changes.pop("prompt", "slow zoom in")}
        options = changes.pop("options", {})
        settings = {"resolution": "1080p", "duration": 5, **changes}
        return {"contents": [prompt, first, *contents], "settings": settings, "options": options}

    def call(self, method: str, path: str, token: str = API_KEY, **options: Any) -> Any:
        headers = {"Authorization": f"Bearer {token}"}
        return self.customer.client.request(method, f"/kling/{path}", headers=headers, **options)

    def submit(self, *contents: dict[str, Any], model: str = "kling-2.6", **changes: Any) -> Any:
        order = self.order(*contents, **changes)
        return self.call("POST", f"image-to-video/{model}", json=order)

    def submitted(self, *contents: dict[str, Any], **changes: Any) -> str:
        answer = self.submit(*contents, **changes)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["data"]["id"])

    def listed(self, **query: str) -> Any:
        answer = self.call("GET", "tasks", params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()["data"]

    def poll(self, task_id: str) -> Any:
        (task,) = self.listed(task_ids=task_id)
        return task

    def finished(self, task_id: str) -> Any:
        def ended() -> Any:
            task = self.poll(task_id)
            return task if task["status"] in ("succeeded", "failed") else None

        return eventually(ended)
