"""Public URLs and object keys map onto each other, and onto nothing else."""

import pytest

from showreel.assets.keys import is_own_url, key_of, new_key, public_key, public_url

BASE = "https://abc.execute-api.eu-central-1.amazonaws.com/prod"
KEY = "uploads/AbCdEfGhIjKlMnOpQrStUvWxYz012345.jpg"
URL = f"{BASE}/storage/v1/object/public/{KEY}"


def test_there_and_back() -> None:
    assert public_url(BASE + "/", KEY) == URL
    assert key_of(URL, BASE) == KEY


@pytest.mark.parametrize(
    "url", [URL + "?width=1", URL + "#x", URL.replace("https://abc", "HTTPS://ABC")]
)
def test_other_spellings_of_an_own_url_are_own(url: str) -> None:
    assert key_of(url, BASE) == KEY


@pytest.mark.parametrize(
    "url",
    [
        URL.replace("https", "http"),
        URL.replace("abc.", "abd."),
        URL.replace("/prod/", "/dev/"),
        URL.replace("amazonaws.com", "amazonaws.com:444"),
        URL.replace("https://", "https://user@"),
        URL.replace("/public/", "/private/"),
        "https://example.com/?u=" + URL,
        "not a url",
        "",
        "https://[",
    ],
)
def test_foreign_urls_are_not_own(url: str) -> None:
    assert not is_own_url(url, BASE)
    assert key_of(url, BASE) is None


@pytest.mark.parametrize(
    "path",
    [
        "work/job-1/clip.mp4",
        "uploads/../work/secret-file-name-here.mp4",
        "uploads/%2e%2e/work/secret-file-name-here.mp4",
        "uploads/a/b/AbCdEfGhIjKlMnOpQrStUvWxYz.jpg",
        "uploads/AbCdEfGhIjKlMnOpQrStUvWxYz",
        "uploads/short.jpg",
        "uploads//AbCdEfGhIjKlMnOpQrStUvWxYz.jpg",
        "secrets/AbCdEfGhIjKlMnOpQrStUvWxYz.jpg",
        "uploads/AbCdEfGhIjKlMnOpQrStUvWxYz.jpg\n",
        "uploads/AbCdEfGhIjKlMnOpQrStUvWxYz.jpg%00",
        "uploads",
        "",
    ],
)
def test_own_urls_of_anything_but_a_public_file_have_no_key(path: str) -> None:
    assert key_of(f"{BASE}/storage/v1/object/public/{path}", BASE) is None


def test_new_keys_are_random_and_valid() -> None:
    keys = {new_key("audio", "audio/mpeg") for _ in range(100)}
    assert len(keys) == 100
    assert all(public_key(*key.split("/")) == key for key in keys)


def test_a_documented_job_file_is_a_public_key() -> None:
    file = "3f2a1b4c-0000-4000-8000-123456789abc.mp4"
    assert public_key("generation-videos", file) == f"generation-videos/{file}"
