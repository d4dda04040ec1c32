"""A vendor's key goes to the vendor's own origin and to no other."""

import ssl
from pathlib import Path

import pytest

from showreel.assets import network, service
from showreel.assets.fetch import Rules, fetch_file

from .conftest import HOST, PUBLIC_ADDRESS, Site

OTHER = f"other.{HOST}"
RULES = Rules(max_bytes=1000, total_seconds=5)
SECRET = {"x-goog-api-key": "secret"}


def sent(site: Site, path: Path, rules: Rules = RULES) -> list[tuple[str, str | None]]:
    """Which requests for /clip.mp4 and what follows had the key."""
    fetch_file(f"https://{HOST}/clip.mp4", path, rules, SECRET)
    return [(at, headers.get("x-goog-api-key")) for at, headers in site.requests]


def test_headers_go_to_the_urls_own_origin(site: Site, tmp_path: Path) -> None:
    site.serve("/clip.mp4", b"video")
    assert sent(site, tmp_path / "clip.mp4") == [("/clip.mp4", "secret")]


def test_headers_follow_a_redirect_within_the_origin(site: Site, tmp_path: Path) -> None:
    site.serve("/clip.mp4", status=302, location="/real.mp4")
    site.serve("/real.mp4", b"video")
    assert sent(site, tmp_path / "clip.mp4") == [("/clip.mp4", "secret"), ("/real.mp4", "secret")]


def test_a_redirect_to_another_host_loses_them_for_good(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    monkeypatch.setattr(network, "tls_context", lambda: context)
    site.addresses[OTHER] = [PUBLIC_ADDRESS]
    site.serve("/clip.mp4", status=302, location=f"https://{OTHER}/away.mp4")
    site.serve("/away.mp4", status=302, location=f"https://{HOST}/back.mp4")
    site.serve("/back.mp4", b"video")
    assert sent(site, tmp_path / "clip.mp4") == [
        ("/clip.mp4", "secret"),
        ("/away.mp4", None),
        ("/back.mp4", None),
    ]


def test_headers_cannot_change_how_we_fetch(site: Site, tmp_path: Path) -> None:
    site.serve("/clip.mp4", b"video")
    fetch_file(f"https://{HOST}/clip.mp4", tmp_path / "a", RULES, {"accept-encoding": "gzip"})
    assert site.requests[0][1]["accept-encoding"] == "identity"


def test_a_result_is_copied_with_its_headers(site: Site, tmp_path: Path) -> None:
    site.serve("/clip.mp4", b"video")
    url = f"https://{HOST}/clip.mp4"
    service.copy_result(url, tmp_path / "clip.mp4", headers=SECRET, allowed_hosts=[HOST])
    assert site.requests[0][1]["x-goog-api-key"] == "secret"
