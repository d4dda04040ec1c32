"""Media by URL: fetched before the job is sent, given to the vendor as our own, once."""

import io
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from showreel.assets.service import storage
from showreel.core.errors import InvalidInput, ProviderRateLimited
from showreel.generation import fetched
from showreel.generation.engine import Engine
from showreel.generation.models import InputUrl
from showreel.generation.service import create_job
from showreel.generation.steps import submit
from tests.unit.generation.support import GRANT, WORKSPACE, ledger_is_sound, request

PICTURE = "https://pictures.example/a.png"
FILM = "https://films.example/a.mp4"


class Web:
    """What is behind URLs, and how often it was fetched."""

    def __init__(self) -> None:
        self.pages: dict[str, bytes] = {}
        self.fetched: list[str] = []

    def fetch(self, workspace_id: str, url: str, base_url: str, path: Path) -> None:
        assert (workspace_id, base_url) == (WORKSPACE, "https://api.example/prod")
        self.fetched.append(url)
        if url not in self.pages:
            raise InvalidInput("no", code="blocked_url")
        path.write_bytes(self.pages[url])


@pytest.fixture
def web(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Web:
    known = Web()
    data = io.BytesIO()
    Image.new("RGB", (64, 48), "teal").save(data, "PNG")
    known.pages = {PICTURE: data.getvalue(), FILM: b"\0\0\0\x18ftypisom" + b"\0" * 40}
    monkeypatch.setattr(fetched, "fetch_media", known.fetch)
    monkeypatch.setattr(submit, "storage", storage)
    return known


def with_urls(**urls: str) -> Any:
    """A job whose vendor takes a picture and a video."""
    kinds = {"image_url": "image", "video_url": "video"}
    places = [InputUrl(path=(name,), url=url, kind=kinds[name]) for name, url in urls.items()]
    inputs = {"prompt": "x", **urls}
    return request(image_key=None, inputs=inputs, input_urls=tuple(places))


def test_the_vendor_gets_our_copies(web, engine, machine, vendor):
    create_job(engine, with_urls(image_url=PICTURE, video_url=FILM))
    assert machine._go("submit", "job") == "collect"
    (sent,) = vendor.requests
    assert "/work/job/input-0.jpg" in sent.inputs["image_url"]
    assert "/work/job/input-1.mp4" in sent.inputs["video_url"]
    assert "pictures.example" not in str(sent.inputs)
    copy = storage().get("work/job/input-0.jpg")
    assert Image.open(io.BytesIO(copy)).size == (64, 48)


def test_another_attempt_fetches_nothing_again(web, engine, machine, vendor):
    vendor.submit_script.append(ProviderRateLimited("429"))
    create_job(engine, with_urls(image_url=PICTURE, video_url=FILM))
    assert machine._go("submit", "job") == "submit"
    machine._go("submit", "job")
    assert web.fetched == [PICTURE, FILM]
    assert vendor.requests[0].inputs.keys() == vendor.requests[1].inputs.keys()


@pytest.mark.parametrize(
    ("page", "code"),
    [(None, "blocked_url"), (b"<html>not a picture</html>", "media_type")],
)
def test_what_cannot_be_used_fails_the_job_before_it_is_sent(
    web, engine, machine, vendor, page, code
):
    web.pages = {PICTURE: page} if page else {}
    create_job(engine, with_urls(image_url=PICTURE))
    job = machine.run("job")
    assert (job.status, job.error_code, vendor.requests) == ("failed", code, [])
    ledger_is_sound(engine)
    assert engine.ledger.account(WORKSPACE).available == GRANT


def test_a_first_frame_by_url_is_sanitized_like_any(web, engine, machine, vendor, monkeypatch):
    monkeypatch.setattr("showreel.generation.pictures.storage", storage)
    wanted = {"image_key": None, "image_url": PICTURE, "raw_pictures": True}
    create_job(engine, request(**wanted))
    machine._go("submit", "job")
    (sent,) = vendor.requests
    assert "/work/job/first" in sent.image.url
    assert web.fetched == [PICTURE]
