"""Pictures as their owner sent them: sanitized once, brought to a ratio only for who needs it."""

import io
from typing import Any

import pytest
from PIL import Image

from showreel.assets.images import sanitize
from showreel.core.errors import NotFound, ProviderModelGone, ProviderQuota, ProviderUpstream
from showreel.generation import pictures
from showreel.generation.service import create_job
from showreel.generation.steps import submit
from showreel.providers.base import SubmitUnknown
from tests.unit.generation.support import GRANT, WORKSPACE, ledger_is_sound, request

SOURCE = "project-assets/a.png"


class Bucket:
    """Objects in memory, and what was written."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.written: list[str] = []

    def exists(self, key: str) -> bool:
        return key in self.objects

    def get(self, key: str) -> bytes:
        if key not in self.objects:
            raise NotFound("gone")
        return self.objects[key]

    def put(self, key: str, data: bytes, content_type: str) -> None:
        assert content_type == "image/jpeg"
        self.objects[key] = data
        self.written.append(key)

    def signed_get(self, key: str, *, expires_seconds: int) -> str:
        return f"https://bucket.example/{key}?signature"

    def size(self, key: str) -> tuple[int, int]:
        with Image.open(io.BytesIO(self.objects[key]), formats=["JPEG"]) as image:
            return image.size


def photo(size: tuple[int, int] = (300, 200)) -> bytes:
    data = io.BytesIO()
    Image.new("RGBA", size, "teal").save(data, "PNG")
    return data.getvalue()


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch, results: Any) -> Bucket:
    made = Bucket()
    made.objects[SOURCE] = photo()
    for module in (submit, pictures):
        monkeypatch.setattr(module, "storage", lambda: made)
    return made


def raw(**changes: Any) -> Any:
    fields = {"raw_pictures": True, "image_key": SOURCE, "catalogue_id": "kling-v3.0"}
    return request(**(fields | changes))


def is_given_back(engine: Any) -> bool:
    ledger_is_sound(engine)
    return bool(engine.ledger.account(WORKSPACE).available == GRANT)


def test_a_model_that_takes_its_ratio_from_the_picture_is_given_a_fitted_one(
    bucket, engine, machine, vendor
):
    create_job(engine, raw(end_image_key=SOURCE, aspect_ratio="9:16"))
    assert machine.run("job").status == "completed"
    sent = vendor.requests[0]
    assert (sent.image.path, sent.end_image.path) == (
        "/work/job/first-9x16.jpg",
        "/work/job/last-9x16.jpg",
    )
    assert bucket.size("work/job/first-9x16.jpg") == (1080, 1920)


def test_a_model_that_takes_a_ratio_gets_the_whole_picture(bucket, engine, machine, vendor):
    create_job(engine, raw(catalogue_id="runway-gen4-turbo", aspect_ratio="9:16"))
    assert machine.run("job").status == "completed"
    assert vendor.requests[0].image.path == "/work/job/first.jpg"
    assert bucket.size("work/job/first.jpg") == (300, 200)


SIZED = {"raw_pictures": False, "picture_size": (320, 180), "image_key": "project-assets/a.jpg"}


@pytest.mark.parametrize("model", ["kling-v3.0", "runway-gen4-turbo"])
def test_every_vendor_is_given_a_films_picture_in_the_films_shape(
    bucket, engine, machine, vendor, model
):
    bucket.objects["project-assets/a.jpg"] = sanitize(photo((400, 300))).data
    create_job(engine, raw(**SIZED, catalogue_id=model, fit="pad"))
    assert machine.run("job").status == "completed"
    assert vendor.requests[0].image.path == "/work/job/first-16x9.jpg"
    with Image.open(io.BytesIO(bucket.objects["work/job/first-16x9.jpg"])) as sent:
        assert sent.size == (320, 180)
        edge, middle = (sum(sent.getpixel((x, 90))) for x in (4, 160))
    assert edge < 0.7 * middle, "it is padded, as its owner wants it"


@pytest.mark.parametrize(
    ("fields", "looked_at"),
    [(SIZED, "project-assets/a.jpg"), ({}, "work/job/first.jpg")],
    ids=["sanitized", "raw"],
)
def test_our_own_camera_looks_at_the_whole_picture_also_when_it_takes_over(
    bucket, engine, machine, vendor, fields, looked_at
):
    bucket.objects["project-assets/a.jpg"] = sanitize(photo((400, 300))).data
    vendor.submit_script.append(ProviderQuota("no money"))
    create_job(engine, raw(**fields, allow_builtin_fallback=True))
    job = machine.run("job")
    assert (job.status, job.provider) == ("completed", "builtin")
    pictures.prepare(job)
    assert pictures.given(job).first == looked_at
    assert bucket.size(looked_at) in {(400, 300), (300, 200)}


def test_a_model_that_takes_over_is_given_its_own(bucket, engine, machine, vendor):
    vendor.submit_script.append(ProviderModelGone("gone"))
    create_job(engine, raw(catalogue_id="runway-gen4-turbo", aspect_ratio="9:16"))
    assert machine.run("job").status == "completed"
    assert [sent.image.path for sent in vendor.requests] == [
        "/work/job/first.jpg",
        "/work/job/first-9x16.jpg",
    ]


def test_every_attempt_and_every_look_up_names_the_same_picture(
    bucket, engine, machine, vendor, monkeypatch
):
    looked_up = []

    def find(lookup):
        looked_up.append(lookup.image_path)

    monkeypatch.setattr(vendor, "find", find)
    vendor.submit_script += [ProviderUpstream("down"), SubmitUnknown("late")]
    create_job(engine, raw())
    machine.run("job")
    paths = [sent.image.path for sent in vendor.requests] + looked_up
    assert len(vendor.requests) > 1
    assert looked_up
    assert set(paths) == {"/work/job/first-16x9.jpg"}
    assert bucket.written == ["work/job/first-16x9.jpg"]


@pytest.mark.parametrize(
    ("spoil", "code"),
    [(lambda data: data[:200], "media_invalid"), (lambda _: b"<html>", "media_type")],
)
@pytest.mark.parametrize("fields", [{}, {"raw_pictures": False, "picture_size": (320, 180)}])
def test_a_picture_that_turns_out_damaged_ends_the_job_unsent_and_at_no_cost(
    bucket, engine, machine, vendor, spoil, code, fields
):
    bucket.objects[SOURCE] = spoil(sanitize(photo()).data if fields else photo())
    create_job(engine, raw(capture_on="acceptance", **fields))
    job = machine.run("job")
    assert (job.status, job.error_code, job.credits_debited) == ("failed", code, 0)
    assert vendor.requests == []
    assert is_given_back(engine)


def test_a_picture_that_is_gone_ends_the_job_too(bucket, engine, machine, vendor):
    del bucket.objects[SOURCE]
    create_job(engine, raw())
    job = machine.run("job")
    assert (job.status, job.error_code) == ("failed", "image_missing")
    assert is_given_back(engine)


def test_a_plain_picture_goes_as_it_is(bucket, engine, machine, vendor):
    create_job(engine, request())
    assert machine.run("job").status == "completed"
    assert vendor.requests[0].image.path == "/project-assets/a.jpg"
    assert bucket.written == []


@pytest.mark.parametrize(
    ("model", "size"), [("kling-v3.0", (1080, 1920)), ("runway-gen4-turbo", (300, 200))]
)
def test_a_picture_is_decoded_and_encoded_once_on_its_way_to_a_vendor(
    bucket, engine, machine, vendor, monkeypatch, model, size
):
    """Counted where Pillow looks its formats up."""
    opened, saved = [], []
    open_png, accept = Image.OPEN["PNG"]
    save_jpeg = Image.SAVE["JPEG"]
    monkeypatch.setitem(
        Image.OPEN, "PNG", (lambda *given: opened.append(given) or open_png(*given), accept)
    )
    monkeypatch.setitem(
        Image.SAVE, "JPEG", lambda *given: saved.append(given[0].size) or save_jpeg(*given)
    )
    monkeypatch.setitem(Image.OPEN, "JPEG", (None, lambda _: pytest.fail("decoded again")))
    create_job(engine, raw(catalogue_id=model, aspect_ratio="9:16"))
    assert machine.run("job").status == "completed"
    assert (len(opened), saved) == (1, [size])
