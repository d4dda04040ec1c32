"""The simulators on a real port, and a customer who calls them."""

import io
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest
from PIL import Image, ImageDraw
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

from local.lambdas.ffmpeg import ensure_ffmpeg
from local.simulators import SimulatorConfig, create_app
from local.simulators.app import SimulatorApp
from tests.simulators.films import CLIP_SCALE
from tests.support.http import eventually

ACCESS_KEY = "access-key-of-tests"
SECRET_KEY = "secret-key-of-tests-with-32-bytes-and-more"
API_KEY = "api-key-of-tests"
WEBHOOK_SECRET = "whsec_dGVzdHNlY3JldHRlc3RzZWNyZXR0ZXN0c2VjcmV0MTI="
REPLICATE_TOKEN = "r8_token-of-tests"
REPLICATE_WEBHOOK_SECRET = "whsec_YW5vdGhlclNlY3JldE9mVGVzdHNXaXRoMzJCeXRlcyE="
FAL_KEY = "fal-key-id:of-tests"
GOOGLE_KEY = "google-key-of-tests"
ELEVENLABS_KEY = "elevenlabs-key-of-tests"
GROQ_KEY = "gsk_key-of-tests"
GMI_KEY = "gmi-key-of-tests"
TINY_SECONDS = 0.1


@dataclass
class Customer:
    """Calls the simulators over HTTP as the product does."""

    config: SimulatorConfig
    app: SimulatorApp
    picture_url: str
    client: httpx.Client
    pictures: "Pages"

    def order(self, **changes: Any) -> dict[str, Any]:
        """A good image order, with changes; a change to None leaves the field out."""
        usual = {
            "model_name": "kling-v2-6",
            "image": self.picture_url,
            "prompt": "slow zoom in",
            "duration": "5",
        }
        return {name: value for name, value in {**usual, **changes}.items() if value is not None}

    def call(self, method: str, path: str, token: str | None = None, **options: Any) -> Any:
        headers = {"Authorization": f"Bearer {token or signed_token()}"}
        return self.client.request(method, f"/kling/v1/videos/{path}", headers=headers, **options)

    def submit(self, family: str = "image2video", **changes: Any) -> Any:
        order = self.order(**changes)
        if family == "text2video":
            order.pop("image", None)
        return self.call("POST", family, json=order)

    def submitted(self, **changes: Any) -> Any:
        answer = self.submit(**changes)
        assert answer.status_code == 200, answer.text
        return answer.json()["data"]["task_id"]

    def poll(self, task_id: str) -> Any:
        answer = self.call("GET", f"image2video/{task_id}")
        assert answer.status_code == 200, answer.text
        return answer.json()["data"]

    def finished(self, task_id: str) -> Any:
        return eventually(lambda: _ended(self.poll(task_id)))

    def fault(self, operation: str, fault: str, **more: Any) -> None:
        body = {"provider": "kling", "operation": operation, "fault": fault, **more}
        answer = self.client.post("/_sim/faults", json=body)
        assert answer.status_code == 201, answer.text

    def tasks(self) -> Any:
        return self.client.get("/_sim/tasks").json()["tasks"]

    def requests(self) -> Any:
        return self.client.get("/_sim/requests", params={"provider": "kling"}).json()["requests"]

    def settings(self, **changes: Any) -> None:
        assert self.client.post("/_sim/settings", json=changes).status_code == 200


@dataclass
class Pages:
    """Somebody's web server: serves pictures and takes webhooks."""

    base_url: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    answers: list[int] = field(default_factory=list)
    received: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    def __call__(self, environ: Any, start_response: Any) -> Any:
        return self._answer(Request(environ))(environ, start_response)

    def statuses(self) -> list[str]:
        return [json.loads(body)["task_status"] for _, body in self.received]

    def _answer(self, request: Request) -> Response:
        if request.method == "GET":
            data = self.files.get(request.path)
            return Response(data or b"", 200 if data else 404)
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.received.append((headers, request.get_data()))
        return Response("", self.answers.pop(0) if self.answers else 200)


def _ended(data: dict[str, Any]) -> dict[str, Any] | None:
    return data if data["task_status"] in ("succeed", "failed") else None


def signed_token(access_key: str = ACCESS_KEY, secret_key: str = SECRET_KEY, **claims: Any) -> str:
    now = int(time.time())
    usual = {"iss": access_key, "exp": now + 1800, "nbf": now - 5}
    return jwt.encode({**usual, **claims}, secret_key, headers={"typ": "JWT"})


def picture_bytes(
    width: int = 640, height: int = 360, hue: int = 0, format_name: str = "JPEG"
) -> bytes:
    """A picture with enough in it to see a camera move."""
    picture = Image.new("RGB", (width, height), (40 + hue, 90, 200 - hue))
    draw = ImageDraw.Draw(picture)
    for step in range(12):
        left, top = step * width // 12, (step * 5 % 12) * height // 12
        colour = (step * 20, 255 - step * 20, (step * 60 + hue) % 255)
        draw.rectangle((left, top, left + width // 10, top + height // 8), fill=colour)
    buffer = io.BytesIO()
    picture.save(buffer, format_name, quality=90)
    return buffer.getvalue()


@contextmanager
def served(app: Any) -> Iterator[str]:
    """Serve a WSGI application on a free port; gives its address."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(autouse=True, scope="session")
def quiet_servers() -> None:
    import logging

    logging.getLogger("werkzeug").setLevel(logging.CRITICAL)


@pytest.fixture(scope="session")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Kept for the session, so that each clip is rendered once."""
    return tmp_path_factory.mktemp("simulators")


@pytest.fixture(scope="session")
def pages() -> Iterator[Pages]:
    files = {"/room.jpg": picture_bytes(), "/hall.jpg": picture_bytes(hue=150)}
    server = Pages(files=files)
    with served(server) as server.base_url:
        yield server


@pytest.fixture(scope="session")
def simulators(data_dir: Path, clips_dir: Path) -> Iterator[tuple[SimulatorConfig, SimulatorApp]]:
    config = SimulatorConfig(
        data_dir=data_dir,
        clips_dir=clips_dir,
        clip_scale=CLIP_SCALE,
        base_url="",
        generation_seconds=TINY_SECONDS,
        secrets={
            "kling_access_key": ACCESS_KEY,
            "kling_secret_key": SECRET_KEY,
            "kling_api_key": API_KEY,
            "kling_webhook_secret": WEBHOOK_SECRET,
            "fal_key": FAL_KEY,
            "google_api_key": GOOGLE_KEY,
            "elevenlabs_api_key": ELEVENLABS_KEY,
            "groq_api_key": GROQ_KEY,
            "gmi_api_key": GMI_KEY,
            "replicate_api_token": REPLICATE_TOKEN,
            "replicate_webhook_secret": REPLICATE_WEBHOOK_SECRET,
        },
        ffmpeg=ensure_ffmpeg(),
        webhook_retry_seconds=[0.05, 0.05],
    )
    app = create_app(config)
    with served(app) as config.base_url:
        yield config, app
    app.close()


@pytest.fixture(scope="session")
def http_caller(simulators: tuple[SimulatorConfig, SimulatorApp]) -> Iterator[httpx.Client]:
    config, _ = simulators
    with httpx.Client(base_url=config.base_url, timeout=60, trust_env=False) as made:
        yield made


@pytest.fixture
def customer(
    simulators: tuple[SimulatorConfig, SimulatorApp], http_caller: httpx.Client, pages: Pages
) -> Iterator[Customer]:
    config, app = simulators
    pages.received.clear()
    pages.answers.clear()
    assert http_caller.delete("/_sim").status_code == 200
    yield Customer(config, app, f"{pages.base_url}/room.jpg", http_caller, pages)
    config.on_request = None


@pytest.fixture
def replicate_sdk(customer: Customer) -> Iterator[Any]:
    """The vendor's own package, talking to the simulator and to nobody else."""
    import replicate
    from pytest_socket import enable_socket, socket_allow_hosts

    socket_allow_hosts(["127.0.0.1"], allow_unix_socket=True)
    base_url = f"{customer.config.base_url}/replicate"
    client = replicate.Client(api_token=REPLICATE_TOKEN, base_url=base_url, trust_env=False)
    client.poll_interval = 0.05
    yield client
    client._client.close()
    enable_socket()
