"""The simulator of fal's queue, driven by the vendor's own client over TLS."""

import datetime as dt
import ipaddress
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from werkzeug.serving import make_server

from local.lambdas.ffmpeg import ensure_ffmpeg
from local.simulators import SimulatorConfig, create_app
from tests.simulators.conftest import FAL_KEY, Pages
from tests.simulators.fal.customer import FLUX, KLING
from tests.simulators.films import CLIP_SCALE
from tests.simulators.other_process import Exchange, other_process
from tests.support.http import eventually

SDK = Path(__file__).with_name("sdk.py")


def write_certificate(folder: Path) -> tuple[Path, Path]:
    """A self-signed certificate of this machine, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    address = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(address, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    certificate_path, key_path = folder / "certificate.pem", folder / "key.pem"
    certificate_path.write_bytes(certificate.public_bytes(Encoding.PEM))
    key_bytes = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    key_path.write_bytes(key_bytes)
    return certificate_path, key_path


class Shop:
    """The simulators behind TLS, and a customer with the vendor's client."""

    def __init__(self, base_url: str, certificate: Path, exchange: Exchange) -> None:
        self.base_url = base_url
        self.certificate = certificate
        self.exchange = exchange

    def order(self, model: str, key: str = FAL_KEY, **more: Any) -> dict[str, Any]:
        return self.exchange({"model": model, "key": key, "arguments": {}, **more})

    def control(self, method: str, path: str, **options: Any) -> httpx.Response:
        url = f"{self.base_url}/_sim{path}"
        answer = httpx.request(method, url, verify=self._context(), trust_env=False, **options)
        assert answer.is_success, answer.text
        return answer

    def file(self, url: str) -> bytes:
        return httpx.get(url, verify=self._context(), trust_env=False).content

    def _context(self) -> Any:
        import ssl

        return ssl.create_default_context(cafile=str(self.certificate))


@pytest.fixture(scope="module")
def open_shop(data_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    certificate, key = write_certificate(tmp_path_factory.mktemp("tls"))
    config = SimulatorConfig(data_dir, "", 0.3, {"fal_key": FAL_KEY}, ensure_ffmpeg())
    config.clip_scale = CLIP_SCALE
    app = create_app(config)
    server = make_server(
        "127.0.0.1", 0, app, threaded=True, ssl_context=(str(certificate), str(key))
    )
    config.base_url = f"https://127.0.0.1:{server.port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    host = f"127.0.0.1:{server.port}/fal"
    hosts = {"FAL_RUN_HOST": host, "FAL_QUEUE_RUN_HOST": host}
    with other_process(SDK, SSL_CERT_FILE=str(certificate), **hosts) as exchange:
        yield Shop(config.base_url, certificate, exchange)
    server.shutdown()
    thread.join()
    server.server_close()
    app.close()


@pytest.fixture
def shop(open_shop: Shop, pages: Pages) -> Shop:
    pages.received.clear()
    open_shop.control("DELETE", "")
    return open_shop


def test_a_request_from_submission_to_result(shop: Shop, pages: Pages) -> None:
    hook = f"{pages.base_url}/hook"
    shop.control("POST", "/settings", json={"generation_seconds": 2})
    arguments = {"prompt": "a lamp", "image_size": "square", "num_images": 2}
    outcome = shop.order(FLUX, arguments=arguments, hook=hook)
    names = [status["name"] for status in outcome["seen"]]
    assert set(names) - {"Queued"} == {"InProgress", "Completed"}
    assert names[-1] == "Completed"
    last = outcome["again"]
    assert last["metrics"]["inference_time"] >= 0
    assert (last["logs"][0]["level"], last["error"]) == ("INFO", None)
    first, second = outcome["result"]["images"]
    assert (first["width"], first["content_type"]) == (512, "image/jpeg")
    assert shop.file(first["url"])[:2] == b"\xff\xd8"
    assert first["url"] != second["url"]
    eventually(lambda: pages.received)
    assert json.loads(pages.received[0][1])["payload"] == outcome["result"]


def test_a_clip_from_a_picture(shop: Shop, pages: Pages) -> None:
    arguments = {"prompt": "zoom in", "image_url": f"{pages.base_url}/room.jpg", "duration": "3"}
    video = shop.order(f"{KLING}/image-to-video", arguments=arguments)["result"]["video"]
    assert shop.file(video["url"])[4:8] == b"ftyp"
    assert video["file_name"] == "output.mp4"


def test_a_stopped_request_is_completed_with_an_error(shop: Shop) -> None:
    shop.control("POST", "/settings", json={"generation_seconds": 30})
    outcome = shop.order(FLUX, arguments={"prompt": "a lamp"}, cancel=True)
    assert outcome["first"] == {"name": "Queued", "position": 0}
    assert outcome["seen"][-1]["error_type"] == "client_cancelled"
    assert (outcome["status"], outcome["type"]) == (499, "client_cancelled")


def test_the_client_reads_each_sort_of_error(shop: Shop) -> None:
    wrong_key = shop.order(FLUX, key="other", arguments={"prompt": "a lamp"})
    assert wrong_key["status"] == 401
    assert shop.order("fal-ai/no-such-app")["status"] == 404
    missing = shop.order(FLUX)
    assert (missing["status"], missing["seen"][-1]["name"]) == (422, "Completed")
    assert missing["body"]["detail"][0]["loc"] == ["body", "prompt"]


def test_the_client_repeats_a_create_that_nobody_answered(shop: Shop) -> None:
    """Why the product doesn't use it: each of these is a job that is paid for."""
    fault = {"provider": "fal", "operation": "submit", "fault": "drop_reply"}
    shop.control("POST", "/faults", json=fault)
    assert shop.order(FLUX, arguments={"prompt": "a lamp", "image_size": "square"})["result"]
    assert len(shop.control("GET", "/tasks").json()["tasks"]) == 2
