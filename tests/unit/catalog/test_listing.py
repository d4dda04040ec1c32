import json

import pytest

from showreel.catalog.listing import Query, page
from showreel.core.errors import InvalidInput
from tools.catalogue import catalogue_file

FILE = catalogue_file()


def ids(**query: object) -> list[str]:
    return [item["id"] for item in page(Query(**query)).items]


def test_entries_have_the_documented_six_fields_and_ours():
    item = next(one for one in page(Query()).items if one["id"] == "fal-ai/flux/schnell")
    documented = ("id", "name", "provider", "credits", "mediaType", "workflowType")
    assert {name: item[name] for name in documented} == {
        "id": "fal-ai/flux/schnell",
        "name": "FLUX Schnell",
        "provider": "fal-ai",
        "credits": 3,
        "mediaType": "image",
        "workflowType": "text-to-image",
    }
    assert item["aspectRatios"] == ["16:9", "9:16", "1:1", "4:3", "3:4"]
    assert item["durations"] == []
    assert item["inputs"]["prompt"] == "required"
    assert item["pricing"] == {
        "unit": "image",
        "units": 1,
        "credits": 3,
        "creditsNativeAudio": None,
    }
    assert item["lifecycle"]["status"] == "active"


def test_our_costs_and_upstream_names_are_not_disclosed():
    shown = json.dumps(page(Query(include_retired=True)).items)
    assert "cost" not in shown.lower().replace("low cost", "")
    assert "upstream" not in shown


def test_retired_models_are_listed_only_if_asked_for():
    assert "llama-3.3-70b-versatile" not in ids()
    retired = next(
        one
        for one in page(Query(include_retired=True)).items
        if one["id"] == "llama-3.3-70b-versatile"
    )
    assert retired["lifecycle"] == {
        "status": "retired",
        "deprecatedOn": None,
        "retiredOn": "2026-08-16",
    }
    assert retired["replacedBy"] == "openai/gpt-oss-120b"


def test_filters_narrow_the_list():
    assert set(ids(media_type="audio", provider="elevenlabs")) == {
        "elevenlabs-tts",
        "elevenlabs-sfx",
        "elevenlabs-music",
    }
    assert all(
        "lip" in one or "latent" in one or "sad" in one for one in ids(workflow_type="lip-sync")
    )
    assert ids(search="kling O3 standard t2v") == ["fal-ai/kling-video/o3/standard/text-to-video"]
    assert ids(search="no such thing") == []
    assert ids(provider="nobody") == []


def test_pages_together_are_the_whole_list():
    whole, found, cursor = ids(), [], None
    while True:
        part = page(Query(limit=50, cursor=cursor))
        found += [item["id"] for item in part.items]
        cursor = part.next_cursor
        if cursor is None:
            break
    assert found == whole
    assert len(whole) == len([m for m in FILE.models if m.lifecycle.status != "retired"])


def test_a_page_that_ends_the_list_has_no_next():
    assert page(Query()).next_cursor is None
    assert page(Query(limit=1000)).next_cursor is None


def test_a_cursor_goes_on_only_in_the_list_that_it_was_made_for():
    cursor = page(Query(limit=50)).next_cursor
    assert page(Query(limit=20, cursor=cursor)).items
    with pytest.raises(InvalidInput) as caught:
        page(Query(provider="fal", cursor=cursor))
    assert caught.value.code == "invalid_cursor"


def test_the_models_that_stand_in_for_others_say_so():
    shown = {item["id"]: item["isDefault"] for item in page(Query()).items}
    named = {model for models in FILE.defaults.values() for model in models}
    assert {model for model, is_default in shown.items() if is_default} == named & set(shown)
    assert shown["fal-ai/flux/schnell"]
