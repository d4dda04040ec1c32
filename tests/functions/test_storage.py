"""GET and HEAD /storage/v1/object/public/{bucket}/{file}."""

from urllib.parse import urlsplit

import pytest

from showreel.assets.service import storage

from .conftest import Invoke, event_of, header

KEY = "generation-videos/3f2a5c1e-0b7d-4d6e-9a51-6c1f0e8a2b47.mp4"


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_the_permanent_url_leads_to_a_signed_one(invoke: Invoke, method: str) -> None:
    assert event_of("storage")["path"].endswith(KEY)
    storage().put(KEY, b"video", "video/mp4")
    answer = invoke("storage", user=None, method=method)
    assert answer["statusCode"] == 302
    location = urlsplit(header(answer, "location") or "")
    assert location.netloc == "media-bucket.s3.eu-central-1.amazonaws.com"
    assert location.path == f"/{KEY}"
    assert "X-Amz-Signature" in location.query
    assert header(answer, "cache-control") == "no-store"


@pytest.mark.parametrize(
    "path",
    [
        KEY,
        "generation-videos/missing",
        "work/3f2a5c1e-0b7d-4d6e-9a51-6c1f0e8a2b47.mp4",
        "generation-videos/..%2fwork%2fclip.mp4",
        "..%2f..%2f/3f2a5c1e-0b7d-4d6e-9a51-6c1f0e8a2b47.mp4",
        "generation-videos/a/b.mp4",
    ],
)
def test_anything_else_is_not_found(invoke: Invoke, path: str) -> None:
    answer = invoke("storage", user=None, path=f"/storage/v1/object/public/{path}")
    assert answer["statusCode"] == 404
    assert answer["json"]["code"] == "not_found"
    assert "signature" not in answer["body"].lower()


def test_an_internal_object_has_no_public_url(invoke: Invoke) -> None:
    key = "work/3f2a5c1e-0b7d-4d6e-9a51-6c1f0e8a2b47.mp4"
    storage().put(key, b"video", "video/mp4")
    answer = invoke("storage", user=None, path=f"/storage/v1/object/public/{key}")
    assert answer["statusCode"] == 404
