"""GET /api/openapi.json and GET /docs: the document of this stack, and a page that shows it."""

import pytest

from tests.support.document import DOCUMENT

from .conftest import Invoke, header

PATHS = ("/api/openapi.json", "/docs", "/docs/redoc.js")
LIMIT_BYTES = 6 * 1024 * 1024
"""Of an answer that isn't streamed, should it ever be one."""


def test_the_document_is_the_committed_one_at_the_callers_base(invoke: Invoke) -> None:
    told = invoke("api_docs", path="/api/openapi.json", user=None)
    assert told["json"] == DOCUMENT | {"servers": [{"url": "https://api.example.com/prod"}]}
    assert header(told, "content-type") == "application/json"


@pytest.mark.parametrize("path", PATHS)
def test_a_matching_etag_is_answered_not_modified(invoke: Invoke, path: str) -> None:
    first = invoke("api_docs", path=path, user=None)
    etag = header(first, "etag")
    assert etag
    assert str(header(first, "cache-control")).startswith("public, max-age=")
    assert header(first, "vary") == "Accept-Encoding"
    again = invoke("api_docs", path=path, user=None, headers={"If-None-Match": f"W/{etag}, x"})
    assert (again["statusCode"], again["body"]) == (304, "")
    assert header(again, "etag") == etag
    other = invoke("api_docs", path=path, user=None, headers={"If-None-Match": '"x"'})
    assert other["body"] == first["body"]


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [("gzip, br", "gzip"), ("br;q=1, GZIP;q=0.5", "gzip"), ("gzip;q=0", None), ("", None)],
)
def test_it_is_compressed_for_who_takes_that(
    invoke: Invoke, accepted: str, coding: str | None
) -> None:
    for path in PATHS:
        told = invoke("api_docs", path=path, user=None, headers={"Accept-Encoding": accepted})
        assert header(told, "content-encoding") == coding
        assert 300 < len(told["body"]) < LIMIT_BYTES


def test_the_page_takes_nothing_from_elsewhere(invoke: Invoke) -> None:
    page = invoke("api_docs", path="/docs", user=None)
    policy = str(header(page, "content-security-policy"))
    assert policy.startswith("default-src 'none'; script-src 'self'; connect-src 'self'")
    assert "http" not in policy
    text = page["body"].decode()
    assert 'spec-url="api/openapi.json"' in text
    assert '<script src="docs/redoc.js"></script>' in text
    assert text.count("https://") == text.count('img[src^="https://cdn."]')
    assert text.count("<script") == 1
    for path in PATHS:
        told = invoke("api_docs", path=path, user=None)
        assert header(told, "x-content-type-options") == "nosniff"
