"""Media URLs in and out, with whose they are."""

import io
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from PIL import Image
from pydantic import ValidationError

from showreel.assets import service
from showreel.assets.models import CreateUpload
from showreel.core.errors import AppError, InvalidInput, MediaError, NotFound, Transient

from .conftest import HOST, Site, picture

BASE = "https://abc.execute-api.eu-central-1.amazonaws.com/prod"
OWNER = "film#vp_1"
MP3 = b"ID3\x04\0\0" + b"\0" * 200
M4A = b"\0\0\0\x20ftypM4A " + b"\0" * 200
WAV = b"RIFF\xff\0\0\0WAVEfmt " + b"\0" * 200


def upload(
    cloud: Any, data: bytes, content_type: str = "image/jpeg", workspace_id: str = "mine"
) -> str:
    """Reserves a file and puts the bytes there, as a client does. Returns its URL."""
    request = CreateUpload.model_validate(
        {
            "workspaceId": workspace_id,
            "fileName": "room.jpg",
            "contentType": content_type,
            "size": len(data),
        }
    )
    created = service.create_upload(request, BASE)
    key = created.url.split("/public/")[1]
    cloud.put_object(Bucket="media-bucket", Key=key, Body=data, ContentType=content_type)
    return created.url


def code_of(url: str, workspace_id: str = "mine") -> str:
    with pytest.raises(InvalidInput) as caught:
        service.import_image(workspace_id, url, BASE, OWNER)
    return caught.value.code


def test_an_upload_signs_type_and_length_and_nothing_listing(cloud: Any) -> None:
    request = CreateUpload(
        workspace_id="mine", file_name="../../etc/passwd", content_type="image/png", size=1234
    )
    created = service.create_upload(request, BASE)
    assert created.url.startswith(f"{BASE}/storage/v1/object/public/uploads/")
    assert created.url.endswith(".png")
    target = urlsplit(created.upload.url)
    query = parse_qs(target.query)
    assert target.netloc == "media-bucket.s3.eu-central-1.amazonaws.com"
    assert query["X-Amz-SignedHeaders"] == ["content-length;content-type;host"]
    assert query["X-Amz-Expires"] == [str(created.expires_in)]
    assert created.upload.headers == {"Content-Type": "image/png", "Content-Length": "1234"}
    assert "passwd" not in created.upload.url


@pytest.mark.parametrize(
    ("content_type", "size"),
    [("image/jpeg", 20 * 2**20 + 1), ("video/mp4", 200 * 2**20 + 1), ("audio/wav", 2**40)],
)
def test_an_upload_beyond_its_limit_is_refused(cloud: Any, content_type: Any, size: int) -> None:
    request = CreateUpload(workspace_id="mine", file_name="a", content_type=content_type, size=size)
    with pytest.raises(MediaError) as caught:
        service.create_upload(request, BASE)
    assert caught.value.code == "media_too_large"


@pytest.mark.parametrize(
    "change",
    [
        {"contentType": "text/html"},
        {"contentType": "image/svg+xml"},
        {"contentType": "image/jpeg\r\nx: y"},
        {"contentType": "IMAGE/JPEG; charset=utf-8"},
        {"size": 0},
        {"size": -1},
        {"size": "12"},
        {"size": True},
        {"size": 1.5},
        {"fileName": ""},
        {"fileName": "a" * 256},
        {"workspaceId": ""},
        {"workspaceId": "w" * 129},
    ],
)
def test_an_odd_upload_request_is_refused(change: dict[str, Any]) -> None:
    body = {"workspaceId": "mine", "fileName": "a.jpg", "contentType": "image/jpeg", "size": 12}
    with pytest.raises(ValidationError):
        CreateUpload.model_validate(body | change)


def test_an_own_upload_is_read_from_the_bucket_and_becomes_a_fresh_object(cloud: Any) -> None:
    url = upload(cloud, picture(300, 200, "PNG"), "image/png")
    stored = service.import_image("mine", url, BASE, OWNER)
    assert (stored.width, stored.height, stored.content_type) == (300, 200, "image/jpeg")
    assert stored.key.startswith("project-assets/")
    body = cloud.get_object(Bucket="media-bucket", Key=stored.key)["Body"].read()
    assert len(body) == stored.size_bytes
    assert Image.open(io.BytesIO(body)).size == (300, 200)


def test_the_same_picture_twice_has_one_hash_and_two_objects(cloud: Any) -> None:
    url = upload(cloud, picture())
    first, second = (service.import_image("mine", url, BASE, OWNER) for _ in range(2))
    assert first.sha256 == second.sha256
    assert first.key != second.key


def test_an_imported_picture_can_be_given_again_by_its_own_url(cloud: Any) -> None:
    stored = service.import_image("mine", upload(cloud, picture()), BASE, OWNER)
    again = f"{BASE}/storage/v1/object/public/{stored.key}"
    assert service.import_image("mine", again, BASE, OWNER).width == stored.width
    assert code_of(again, "theirs") == "media_not_found"


def test_a_foreign_a_missing_and_an_unsent_file_give_the_same_error(cloud: Any) -> None:
    foreign = upload(cloud, picture(), workspace_id="theirs")
    unsent = upload(cloud, picture())
    cloud.delete_object(Bucket="media-bucket", Key=unsent.split("/public/")[1])
    missing = f"{BASE}/storage/v1/object/public/uploads/AbCdEfGhIjKlMnOpQrStUvWxYz012345.jpg"
    internal = f"{BASE}/storage/v1/object/public/work/job/AbCdEfGhIjKlMnOpQrStUvWxYz.jpg"
    errors = []
    for url in (foreign, unsent, missing, internal):
        with pytest.raises(AppError) as caught:
            service.import_image("mine", url, BASE, OWNER)
        errors.append((caught.value.status, caught.value.code, caught.value.message))
    assert set(errors) == {(400, "media_not_found", "No such media file")}


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"<html>404</html>", "media_type"),
        (MP3, "media_type"),
        (picture()[:300], "media_invalid"),
        (b"", "media_type"),
    ],
)
def test_an_upload_is_verified_by_its_bytes_not_by_its_type(
    cloud: Any, data: bytes, code: str
) -> None:
    assert code_of(upload(cloud, data or b"x", "image/jpeg")) in {code, "media_type"}


def test_an_upload_swapped_for_a_larger_file_is_not_read(cloud: Any) -> None:
    url = upload(cloud, picture())
    large = b"\xff\xd8\xff" + b"\0" * (20 * 2**20)
    cloud.put_object(Bucket="media-bucket", Key=url.split("/public/")[1], Body=large)
    assert code_of(url) == "media_too_large"


def test_another_url_is_fetched_and_copied(cloud: Any, site: Site) -> None:
    site.serve("/room.png", picture(90, 60, "PNG"), content_type="text/plain")
    stored = service.import_image("mine", f"https://{HOST}/room.png", BASE, OWNER)
    assert (stored.width, stored.height) == (90, 60)
    assert service.storage().get(stored.key).startswith(b"\xff\xd8\xff")


def test_a_page_served_as_a_picture_is_refused(cloud: Any, site: Site) -> None:
    site.serve("/room.jpg", b"<html>", content_type="image/jpeg")
    assert code_of(f"https://{HOST}/room.jpg") == "media_type"
    assert "Contents" not in cloud.list_objects_v2(Bucket="media-bucket")


@pytest.mark.parametrize(
    ("data", "kind", "extension"),
    [
        (MP3, "audio/mpeg", "mp3"),
        (b"\xff\xfb\x90\x64" + b"\0" * 100, "audio/mpeg", "mp3"),
        (M4A, "audio/mp4", "m4a"),
        (WAV, "audio/wav", "wav"),
    ],
)
def test_sound_is_kept_under_its_true_type(
    cloud: Any, site: Site, data: bytes, kind: str, extension: str
) -> None:
    site.serve("/a", data)
    own = upload(cloud, data, "audio/x-wav")
    stored = [service.import_audio("mine", url, BASE, OWNER) for url in (own, f"https://{HOST}/a")]
    for audio in stored:
        assert audio.content_type == kind
        assert audio.key.startswith("audio/")
        assert audio.key.endswith(extension)
        head = cloud.head_object(Bucket="media-bucket", Key=audio.key)
        assert (head["ContentType"], head["ContentLength"]) == (kind, len(data))
        assert audio.size_bytes == len(data)
    assert stored[0].sha256 == stored[1].sha256


@pytest.mark.parametrize(
    "data",
    [
        b"#EXTM3U\nhttp://169.254.169.254/",
        b"ffconcat version 1.0\nfile /etc/passwd",
        b"<html></html>",
        b"RIFF\0\0\0\0AVI LIST",
        b"\xff\xff\xff\xff",
        b"\xff\xd8\xff\xe0",
        b"\0\0\0\x18ftypqt  ",
        b"OggS",
        b"x",
    ],
)
def test_other_files_are_not_sound(cloud: Any, data: bytes) -> None:
    with pytest.raises(MediaError) as caught:
        service.import_audio("mine", upload(cloud, data, "audio/mpeg"), BASE, OWNER)
    assert caught.value.code == "media_type"


def test_foreign_sound_looks_missing(cloud: Any) -> None:
    with pytest.raises(MediaError) as caught:
        service.import_audio("mine", upload(cloud, MP3, "audio/mpeg", "theirs"), BASE, OWNER)
    assert caught.value.code == "media_not_found"


@pytest.mark.parametrize(
    ("accept", "as_bytes"),
    [("application/octet-stream", True), ("audio/mpeg, */*", False), ("", False)],
)
def test_a_public_file_is_bytes_for_who_accepts_nothing_else(
    cloud: Any, accept: str, as_bytes: bool
) -> None:
    bucket, file = upload(cloud, picture()).split("/")[-2:]
    query = parse_qs(urlsplit(service.open_public(bucket, file, "GET", accept)).query)
    wanted = ["application/octet-stream"] if as_bytes else None
    assert query.get("response-content-type") == wanted


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_public_file_opens_by_a_url_signed_for_the_method(cloud: Any, method: str) -> None:
    bucket, file = upload(cloud, picture()).split("/")[-2:]
    signed = service.open_public(bucket, file, method)
    assert urlsplit(signed).path == f"/uploads/{file}"
    other = service.open_public(bucket, file, "HEAD" if method == "GET" else "GET")
    assert (
        parse_qs(urlsplit(signed).query)["X-Amz-Signature"]
        != (parse_qs(urlsplit(other).query)["X-Amz-Signature"])
    )


@pytest.mark.parametrize(
    ("bucket", "file"),
    [
        ("uploads", "AbCdEfGhIjKlMnOpQrStUvWxYz012345.jpg"),
        ("work", "AbCdEfGhIjKlMnOpQrStUvWxYz012345.jpg"),
        ("uploads", "../work/AbCdEfGhIjKlMnOpQrSt.jpg"),
        ("..", "AbCdEfGhIjKlMnOpQrStUvWxYz012345.jpg"),
        ("uploads", ""),
    ],
)
def test_anything_else_is_not_found(cloud: Any, bucket: str, file: str) -> None:
    with pytest.raises(NotFound):
        service.open_public(bucket, file, "GET")


def test_deleted_assets_are_gone_with_their_rows(cloud: Any) -> None:
    stored = service.import_image("mine", upload(cloud, picture()), BASE, OWNER)
    service.delete_assets([stored.key])
    assert not service.storage().exists(stored.key)
    assert service.asset_rows().owned("mine", stored.key) is None
    service.delete_assets([stored.key])
    service.delete_assets([])


def test_a_result_is_streamed_to_a_file(cloud: Any, site: Site, tmp_path: Path) -> None:
    site.serve("/clip.mp4", b"video")
    path = tmp_path / "clip.mp4"
    size = service.copy_result(f"https://{HOST}/clip.mp4", path, allowed_hosts=[HOST])
    assert (size, path.read_bytes()) == (5, b"video")


@pytest.mark.parametrize(("status", "error"), [(503, Transient), (404, NotFound), (410, NotFound)])
def test_a_result_that_cannot_be_read_now_may_be_tried_again_until_it_is_gone(
    site: Site, tmp_path: Path, status: int, error: type[Exception]
) -> None:
    site.serve("/clip.mp4", status=status)
    with pytest.raises(error):
        service.copy_result(f"https://{HOST}/clip.mp4", tmp_path / "clip", allowed_hosts=[HOST])


def test_a_result_from_elsewhere_is_refused_for_good(site: Site, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput) as caught:
        service.copy_result(
            "https://169.254.169.254/clip.mp4", tmp_path / "clip.mp4", allowed_hosts=[HOST]
        )
    assert caught.value.code == "blocked_url"


def test_files_go_in_and_out(cloud: Any, tmp_path: Path) -> None:
    storage, path = service.storage(), tmp_path / "a.mp4"
    path.write_bytes(b"video")
    storage.put_file("work/job/a.mp4", path, "video/mp4")
    storage.get_file("work/job/a.mp4", tmp_path / "b.mp4")
    assert (tmp_path / "b.mp4").read_bytes() == b"video"
    assert storage.head("work/job/a.mp4").content_type == "video/mp4"
    with pytest.raises(NotFound):
        storage.get_file("work/job/missing.mp4", tmp_path / "c.mp4")
