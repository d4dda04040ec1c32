"""The list of models through the API of the running stack."""

from collections.abc import Iterator

import httpx
import pytest

from local.stack import Stack
from tests.functions.videos.conftest import Buyer, newcomer
from tools.catalogue import catalogue_file

pytestmark = pytest.mark.stack
PATH = "/functions/v1/model-catalog"
FILE = catalogue_file()
LIVING = [model for model in FILE.models if model.lifecycle.status != "retired"]


@pytest.fixture
def reader(stack: Stack) -> Iterator[httpx.Client]:
    for buyer in newcomer(stack):
        assert isinstance(buyer, Buyer)
        yield buyer.http


def test_the_list_is_a_bare_array_of_the_documented_fields(reader: httpx.Client) -> None:
    answer = reader.get(PATH)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "private, no-cache"
    assert "link" not in answer.headers
    items = {item["id"]: item for item in answer.json()}
    assert list(items) == [model.id for model in LIVING]
    schnell = items["fal-ai/flux/schnell"]
    documented = ("name", "provider", "credits", "mediaType", "workflowType")
    assert [schnell[name] for name in documented] == [
        "FLUX Schnell",
        "fal-ai",
        3,
        "image",
        "text-to-image",
    ]
    assert schnell["isDefault"] is True
    assert items["elevenlabs-tts"]["inputs"]["prompt"] == "required"
    assert all(item["credits"] >= 1 for item in items.values())


def test_only_callers_with_a_token_see_it(stack: Stack, reader: httpx.Client) -> None:
    url = stack.base_url + PATH
    assert httpx.get(url).status_code == 401
    assert httpx.get(url, headers={"Authorization": "Bearer x"}).status_code == 401
    assert httpx.get(f"{url}?limit=0").status_code == 401
    assert reader.post(PATH, json={}).status_code == 405


def test_filters_narrow_it_and_pages_are_all_of_it(reader: httpx.Client) -> None:
    found, url = [], f"{PATH}?mediaType=video&limit=20&includeRetired=true"
    while url:
        answer = reader.get(url)
        found += [item["id"] for item in answer.json()]
        link = answer.links.get("next")
        url = link["url"] if link else ""
        assert not url or url.startswith(f"{reader.base_url!s}".rstrip("/") + PATH)
    assert found == [model.id for model in FILE.models if model.media_type == "video"]
    sounds = reader.get(f"{PATH}?provider=elevenlabs&search=music").json()
    assert [item["id"] for item in sounds] == ["elevenlabs-music"]
    assert reader.get(f"{PATH}?workflowType=lip-sync&forceFunctionRegion=eu").json()
    assert reader.get(f"{PATH}?provider=nobody").json() == []


@pytest.mark.parametrize(
    "query",
    [
        "mediaType=sound",
        "mediaType=",
        "limit=0",
        "limit=1001",
        "limit=ten",
        "limit=1.5",
        "includeRetired=perhaps",
        "cursor=x",
        "search=" + "x" * 101,
    ],
)
def test_a_filter_that_can_not_be_read_is_refused(reader: httpx.Client, query: str) -> None:
    answer = reader.get(f"{PATH}?{query}")
    assert answer.status_code == 400
    assert answer.json()["code"] in {"invalid_input", "invalid_cursor"}


def test_who_has_it_gets_304(reader: httpx.Client) -> None:
    first = reader.get(PATH)
    tag = first.headers["etag"]
    assert tag.startswith('"')
    for known in (tag, f"W/{tag}", "*", f'"other", W/{tag}', f'{tag},"other"'):
        answer = reader.get(PATH, headers={"If-None-Match": known})
        assert (answer.status_code, answer.content) == (304, b""), known
        assert answer.headers["etag"] == tag
    several = [("If-None-Match", '"other"'), ("If-None-Match", tag)]
    assert reader.get(PATH, headers=several).status_code == 304
    for other in ('"other"', tag.strip('"'), "", "W/"):
        assert reader.get(PATH, headers={"If-None-Match": other}).status_code == 200
    page = reader.get(f"{PATH}?limit=5", headers={"If-None-Match": tag})
    assert page.status_code == 200
    assert page.headers["etag"] != tag
    again = reader.get(f"{PATH}?limit=5", headers={"If-None-Match": page.headers["etag"]})
    assert again.status_code == 304
    assert again.headers["link"] == page.headers["link"]
