"""The catalogue: read late, read once, renewed by its ETag."""

import httpx

from showreel_client import UnifiedGenerationService
from showreel_client.catalogue import FRESH_SECONDS
from tests.client.support import (
    BASE,
    IMPATIENT,
    KLING,
    Both,
    Clock,
    Server,
    answer,
    model,
    without_chance,
)

PATH = "functions/v1/model-catalog"


def test_all_its_pages_are_read(call: Both, server: Server) -> None:
    link = '</dev/other>; rel="prev", </dev/functions/v1/model-catalog?cursor=2>; rel="next"'
    first = answer(200, [model("fal-ai/a", "text-to-video")], Link=link)
    server.on(PATH, first, answer(200, [model("fal-ai/b", "text-to-video")]))
    assert list(call("models")) == ["fal-ai/a", "fal-ai/b"]
    assert server.requests[1].url.query == b"cursor=2"


def test_a_page_that_follows_itself_is_read_once(call: Both, server: Server) -> None:
    server.on(PATH, answer(200, [], Link=f'<{BASE}/{PATH}>; rel="next"'))
    assert call("models") == {}
    assert len(server.requests) == 1


def test_it_is_kept_and_then_asked_for_by_its_tag(server: Server) -> None:
    server.on(PATH, answer(200, [model("fal-ai/a", "text-to-video")], ETag='"7"'), answer(304))
    clock = Clock()
    http = httpx.Client(transport=httpx.MockTransport(server))
    service = UnifiedGenerationService(
        BASE, "t", http=http, limits=IMPATIENT, surroundings=without_chance(clock)
    )
    assert service.models() is service.models()
    clock.now += FRESH_SECONDS
    assert list(service.models()) == ["fal-ai/a"]
    assert [request.headers.get("if-none-match") for request in server.requests] == [None, '"7"']


def test_an_entry_says_what_the_server_said(call: Both) -> None:
    entry = call("models")[f"{KLING}/text-to-video"]
    assert (entry.provider, entry.media_type, entry.credits) == ("fal-ai", "video", 20)
    assert entry.aspect_ratios == ("16:9", "9:16", "1:1")
    assert not entry.is_retired
