"""What a stranger's URL can and can't make us do."""

import gzip
import io
import logging
import time
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from showreel.assets.addresses import is_public
from showreel.assets.fetch import HOST_NAME, Rules, checked_url, fetch_bytes, fetch_file
from showreel.core.errors import InvalidInput

from .conftest import HOST, PUBLIC_ADDRESS, Site

RULES = Rules(max_bytes=1000, total_seconds=5)
URL = f"https://{HOST}/picture.jpg"


def code_of(url: str, rules: Rules = RULES) -> str:
    with pytest.raises(InvalidInput) as caught:
        fetch_bytes(url, rules)
    assert caught.value.status == 400
    return caught.value.code


@pytest.mark.parametrize("address", ["93.184.216.34", "8.8.8.8", "2606:4700:4700::1111"])
def test_global_unicast_is_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0",  # noqa: S104 - an address to refuse
        "10.1.2.3",
        "100.64.0.1",
        "100.100.100.200",
        "127.0.0.1",
        "127.255.255.254",
        "168.63.129.16",
        "169.254.169.254",
        "169.254.170.2",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.9",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.1.1",
        "198.18.0.1",
        "198.51.100.1",
        "203.0.113.1",
        "224.0.0.1",
        "239.255.255.250",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::127.0.0.1",
        "::ffff:127.0.0.1",
        "::ffff:8.8.8.8",
        "::ffff:0:127.0.0.1",
        "64:ff9b::169.254.169.254",
        "64:ff9b::808:808",
        "64:ff9b:1::1",
        "100::1",
        "2001::1",
        "2001:0:4136:e378:8000:63bf:3fff:fdd2",
        "2001:db8::1",
        "2002:7f00:1::",
        "2002:808:808::1",
        "2606:4700::5efe:127.0.0.1",
        "2606:4700::200:5efe:10.0.0.1",
        "3fff::1",
        "5f00::1",
        "fc00::1",
        "fd00:ec2::254",
        "fe80::1",
        "fe80::1%eth0",
        "2606:4700:4700::1111%1",
        "fec0::1",
        "ff02::1",
        "ff0e::1",
        "not an address",
        "",
    ],
)
def test_anything_else_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "url",
    [
        "http://media.example.com/a.jpg",
        "ftp://media.example.com/a.jpg",
        "file:///etc/passwd",
        "gopher://media.example.com/",
        "data:image/png;base64,AAAA",
        "//media.example.com/a.jpg",
        "media.example.com/a.jpg",
        "",
        "https://",
        "https:///a.jpg",
        "https://user:password@media.example.com/a.jpg",
        "https://user@media.example.com/a.jpg",
        "https://media.example.com:22/a.jpg",
        "https://media.example.com:80/a.jpg",
        "https://media.example.com:8443/a.jpg",
        "https://media.example.com:99999/a.jpg",
        "https://media.example.com/a.jpg\r\nHost: internal",
        "https://media.example.com\t/a.jpg",
        "https://media.example.com/a b.jpg",
        " https://media.example.com/a.jpg",
        "https://media.example.com\\@internal/a.jpg",
        "https://media.example.com/\x00",
        "https://media.example.com/\x7f",
        "https://media.example.com/\u2028",
        "https://media.example.com/\ud800",
        "https://localhost/a.jpg",
        "https://localhost./a.jpg",
        "https://internal/a.jpg",
        "https://media.example.com./a.jpg",
        "https://127.0.0.1/a.jpg",
        "https://127.1/a.jpg",
        "https://0/a.jpg",
        "https://2130706433/a.jpg",
        "https://0x7f000001/a.jpg",
        "https://0x7f.0.0.1/a.jpg",
        "https://0177.0.0.1/a.jpg",
        "https://169.254.169.254/latest/meta-data/",
        "https://169.254.170.2/v2/credentials",
        "https://[::1]/a.jpg",
        "https://[::ffff:127.0.0.1]/a.jpg",
        "https://[::ffff:7f00:1]/a.jpg",
        "https://[64:ff9b::a9fe:a9fe]/a.jpg",
        "https://[fe80::1%25eth0]/a.jpg",
        "https://[fd00:ec2::254]/latest/meta-data/",
        "https://①②⑦.⓪.⓪.①/a.jpg",
        "https://127。0。0。1/a.jpg",
        "https://ⓛⓞⓒⓐⓛⓗⓞⓢⓣ/a.jpg",
        "https://-bad-.example.com/a.jpg",
        "https://a..example.com/a.jpg",
        "https://media.example.com/" + "a" * 2048,
    ],
)
def test_refused_before_any_packet(url: str, site: Site) -> None:
    assert code_of(url) == "blocked_url"
    assert site.connections == []


@pytest.mark.parametrize(
    "url",
    [
        URL,
        f"HTTPS://{HOST.upper()}/a.jpg",
        f"https://{HOST}:443/a.jpg",
        f"https://{HOST}/a.jpg?width=1#top",
        f"https://{HOST}/küche.jpg",
        "https://münchen.example/a.jpg",
        "https://93.184.216.34/a.jpg",
    ],
)
def test_ordinary_spellings_are_fine(url: str) -> None:
    assert checked_url(url, RULES).scheme == "https"


@given(
    st.one_of(
        st.text(max_size=60),
        st.builds("https://{}/{}".format, st.text(max_size=30), st.text(max_size=20)),
        st.builds(
            "https://{}".format,
            st.text(alphabet="0123456789abcdefxX.:[]%@/\\#?-_。\uff0e", max_size=30),
        ),
    )
)
def test_whatever_is_accepted_is_https_to_a_public_name_or_address(url: str) -> None:
    try:
        accepted = checked_url(url, RULES)
    except InvalidInput:
        return
    assert accepted.scheme == "https"
    assert accepted.port in {None, 443}
    assert not accepted.userinfo
    host = accepted.raw_host.decode().lower()
    assert is_public(host.strip("[]")) or HOST_NAME.match(host)


def test_reads_the_body_from_the_checked_address_under_the_urls_own_name(site: Site) -> None:
    site.serve("/picture.jpg", b"bytes")
    assert fetch_bytes(URL, RULES) == b"bytes"
    assert site.connections == [(PUBLIC_ADDRESS, 443)]
    headers = site.requests[0][1]
    assert headers["host"] == HOST
    assert headers["accept-encoding"] == "identity"
    assert not {"authorization", "cookie", "referer"} & headers.keys()


def test_no_log_line_has_the_url(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.serve("/picture.jpg?signature=secret", b"bytes")
    root, lines = logging.getLogger(), io.StringIO()
    monkeypatch.setattr(root, "handlers", [logging.StreamHandler(lines)])
    monkeypatch.setattr(root, "level", logging.INFO)
    fetch_bytes(URL + "?signature=secret", RULES)
    code_of(f"https://{HOST}/missing?signature=secret")
    logging.getLogger("other").info("Heard")
    assert "Heard" in lines.getvalue()
    assert "secret" not in lines.getvalue()


@pytest.mark.parametrize(
    "addresses",
    [
        ["127.0.0.1"],
        ["::1"],
        ["10.0.0.1"],
        ["169.254.169.254"],
        [PUBLIC_ADDRESS, "192.168.0.1"],
        ["64:ff9b::7f00:1"],
        ["224.0.0.1"],
    ],
)
def test_a_name_that_leads_inside_is_refused(addresses: list[str], site: Site) -> None:
    site.addresses[HOST] = addresses
    assert code_of(URL) == "blocked_url"
    assert site.connections == []


def test_a_name_is_resolved_once_so_it_cannot_change_its_answer(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.serve("/picture.jpg", b"bytes")
    answers = [[PUBLIC_ADDRESS], ["127.0.0.1"]]

    def resolve(host: str, *rest: Any, **options: Any) -> Any:
        if host == HOST:
            site.addresses[HOST] = answers.pop(0)
        return site.resolve(host, *rest, **options)

    monkeypatch.setattr("socket.getaddrinfo", resolve)
    assert fetch_bytes(URL, RULES) == b"bytes"
    assert answers == [["127.0.0.1"]]
    assert site.connections == [(PUBLIC_ADDRESS, 443)]


def test_a_certificate_for_another_name_is_refused(site: Site) -> None:
    site.addresses["other.example.com"] = [PUBLIC_ADDRESS]
    site.serve("/picture.jpg", b"bytes")
    assert code_of("https://other.example.com/picture.jpg") == "media_unreachable"
    assert site.requests == []


def test_an_unknown_name_is_unreachable(site: Site) -> None:
    assert code_of("https://missing.example.com/a.jpg") == "media_unreachable"


def test_a_silent_resolver_is_not_waited_for(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("socket.getaddrinfo", lambda *_, **__: time.sleep(6) or [])
    started = time.monotonic()
    assert code_of(URL, Rules(1000, total_seconds=0.2)) == "media_unreachable"
    assert time.monotonic() - started < 5


def test_follows_three_redirects_and_no_fourth(site: Site) -> None:
    site.serve("/3", b"end")
    for number in range(3):
        site.serve(f"/{number}", status=302, location=f"/{number + 1}")
    assert fetch_bytes(f"https://{HOST}/0", RULES) == b"end"
    site.serve("/start", status=301, location="/0")
    assert code_of(f"https://{HOST}/start") == "blocked_url"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize(
    "location",
    [
        "http://media.example.com/a.jpg",
        "https://127.0.0.1/",
        "https://inside.example.com/",
        "//169.254.169.254/latest",
        "https://user:password@media.example.com/",
        "https://media.example.com:8080/",
        "file:///etc/passwd",
        "/a b",
    ],
)
def test_a_redirect_is_checked_like_the_first_url(status: int, location: str, site: Site) -> None:
    site.addresses["inside.example.com"] = ["10.0.0.7"]
    site.serve("/picture.jpg", status=status, location=location)
    assert code_of(URL) == "blocked_url"
    assert len(site.requests) == 1


def test_cookies_do_not_live_from_one_answer_to_the_next(site: Site) -> None:
    site.serve("/picture.jpg", status=302, location="/next", set_cookie="a=b; Path=/")
    site.serve("/next", b"bytes")
    fetch_bytes(URL, RULES)
    assert "cookie" not in site.requests[1][1]


@pytest.mark.parametrize("status", [204, 206, 304, 400, 401, 403, 404, 410, 500, 503])
def test_any_other_status_is_unreachable(status: int, site: Site) -> None:
    site.serve("/picture.jpg", b"" if status in {204, 304} else b"page", status=status)
    assert code_of(URL) == "media_unreachable"


def test_a_declared_size_beyond_the_limit_is_refused_unread(site: Site) -> None:
    site.serve("/picture.jpg", b"", content_length="1001")
    assert code_of(URL) == "media_too_large"


def test_an_undeclared_size_is_counted_while_it_passes(site: Site, tmp_path: Path) -> None:
    def endless(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.end_headers()
        for _ in range(1000):
            request.wfile.write(b"x" * 1000)

    site.pages["/picture.jpg"] = endless
    with pytest.raises(InvalidInput) as caught:
        fetch_file(URL, tmp_path / "file", RULES)
    assert caught.value.code == "media_too_large"
    assert not (tmp_path / "file").exists()


def test_a_body_cut_short_is_unreachable_and_leaves_no_file(site: Site, tmp_path: Path) -> None:
    site.serve("/picture.jpg", b"half", content_length="8")
    with pytest.raises(InvalidInput) as caught:
        fetch_file(URL, tmp_path / "file", RULES)
    assert caught.value.code == "media_unreachable"
    assert not (tmp_path / "file").exists()


def test_a_compressed_body_is_refused_not_unpacked(site: Site) -> None:
    site.serve("/picture.jpg", gzip.compress(b"\0" * 100_000), content_encoding="gzip")
    assert code_of(URL) == "media_type"


@pytest.mark.parametrize("part", ["headers", "body"])
def test_a_slow_sender_is_cut_at_the_deadline(part: str, site: Site) -> None:
    def drip(request: BaseHTTPRequestHandler) -> None:
        start = b"HTTP/1.1 200 OK\r\n" + (b"\r\n" if part == "body" else b"")
        request.wfile.write(start)
        for _ in range(200):
            request.wfile.write(b"a" if part == "body" else b"x-a: b\r\n")
            request.wfile.flush()
            time.sleep(0.05)

    site.pages["/picture.jpg"] = drip
    started = time.monotonic()
    assert code_of(URL, Rules(1000, total_seconds=0.4)) == "media_unreachable"
    assert time.monotonic() - started < 5


def test_writes_a_file_and_returns_its_size(site: Site, tmp_path: Path) -> None:
    site.serve("/picture.jpg", b"bytes")
    assert fetch_file(URL, tmp_path / "file", RULES) == 5
    assert (tmp_path / "file").read_bytes() == b"bytes"


def test_an_exempt_origin_is_exempt_from_scheme_port_and_address_but_nothing_else_is() -> None:
    rules = Rules(1000, exempt_origins=frozenset({"http://127.0.0.1:9000"}))
    assert checked_url("http://127.0.0.1:9000/result.mp4", rules)
    for url in (
        "http://127.0.0.1:9001/",
        "https://127.0.0.1:9000/",
        "http://127.0.0.2:9000/",
        "http://user@127.0.0.1:9000/",
    ):
        with pytest.raises(InvalidInput):
            checked_url(url, rules)


def test_an_exempt_origin_may_redirect_only_to_where_anyone_may(site: Site) -> None:
    rules = Rules(1000, exempt_origins=frozenset({f"https://{HOST}:9000"}))
    site.addresses[HOST] = ["127.0.0.1"]
    site.serve("/in", b"result")
    site.serve("/out", status=302, location="https://127.0.0.1:9001/")
    assert fetch_bytes(f"https://{HOST}:9000/in", rules) == b"result"
    assert code_of(f"https://{HOST}:9000/out", rules) == "blocked_url"


@pytest.mark.parametrize(
    ("host", "fine"),
    [
        ("cdn.vendor.com", True),
        ("eu.results.vendor.com", True),
        ("results.vendor.com", False),
        ("vendor.com", False),
        ("evil-results.vendor.com.example.com", False),
        ("evilresults.vendor.com", False),
    ],
)
def test_results_come_from_allowed_hosts_only(host: str, fine: bool) -> None:
    rules = Rules(1000, allowed_hosts=frozenset({"cdn.vendor.com", "*.results.vendor.com"}))
    if fine:
        assert checked_url(f"https://{host}/a.mp4", rules)
        return
    with pytest.raises(InvalidInput):
        checked_url(f"https://{host}/a.mp4", rules)


def test_a_result_may_not_redirect_off_the_allowed_hosts(site: Site) -> None:
    rules = Rules(1000, allowed_hosts=frozenset({HOST}))
    site.addresses["elsewhere.example.com"] = [PUBLIC_ADDRESS]
    site.serve("/a.mp4", status=302, location="https://elsewhere.example.com/a.mp4")
    assert code_of(f"https://{HOST}/a.mp4", rules) == "blocked_url"
