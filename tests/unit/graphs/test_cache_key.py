"""Keys of outputs: equal if, and only if, the same is to be made of the same."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from showreel.graphs import cache_key as keys
from showreel.graphs.cache_key import cache_key, canonical, resolve
from showreel.graphs.check import check
from showreel.graphs.models import Artifact, Step
from showreel.graphs.urls import url_check
from tests.support.graphs import BASE, checked, edge, film, node, picture, text

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(min_value=-1000, max_value=1000)
    | st.floats(allow_nan=False, allow_infinity=False, width=32)
    | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=8,
)


def same(one: Any, other: Any) -> bool:
    """Whether two values are the same JSON: true is not 1, but 1.0 is."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    return (type(one) in {int, float} and type(other) in {int, float} and one == other) or (
        type(one) is type(other) and one == other
    )


@given(VALUES, VALUES)
def test_values_have_the_same_form_only_if_they_are_the_same(one: Any, other: Any) -> None:
    assert (canonical(one) == canonical(other)) == same(one, other)
    assert same(json.loads(canonical(one)), one)


def made(**outputs: list[Artifact]) -> dict[str, str]:
    """The keys of a film's nodes, given what the nodes give."""
    given_ = {
        "idea": [text("A lighthouse at dusk")],
        "still": [picture()],
        "clip": [Artifact(type="video", key="generation-videos/1.mp4")],
        "part": [Artifact(type="video", key="generation-videos/2.mp4")],
        "logo": [picture("project-assets/logo.png", digest="0f")],
        "branded": [Artifact(type="video", key="generation-videos/3.mp4")],
        "music": [Artifact(type="audio", key="audio/1.mp3")],
        "mixed": [Artifact(type="video", key="generation-videos/4.mp4")],
        **outputs,
    }
    run = check(film(), url_check(BASE)).select()
    return {one: cache_key(step, resolve(step, given_)) for one, step in run.steps.items()}


def changed(**outputs: list[Artifact]) -> set[str]:
    before, after = made(), made(**outputs)
    return {one for one in before if before[one] != after[one]}


def test_another_result_changes_just_the_keys_of_what_takes_it() -> None:
    assert changed() == set()
    assert changed(still=[picture("project-assets/2.png")]) == {"clip"}
    assert changed(idea=[text("A lighthouse at dawn")]) == {"still", "clip"}
    assert changed(music=[Artifact(type="audio", key="audio/2.mp3")]) == {"mixed"}


def test_the_same_content_under_another_key_changes_nothing() -> None:
    assert changed(logo=[picture("project-assets/again.png", digest="0f")]) == set()
    assert changed(logo=[picture("project-assets/logo.png", digest="1f")]) == {"branded"}


def key(kind: str, outputs: dict[str, list[Artifact]] | None = None, **params: Any) -> str:
    run = checked([node("a", kind, **params)]).select()
    return cache_key(run.steps["a"], resolve(run.steps["a"], outputs or {}))


def test_what_the_executor_reads_is_in_the_key_and_nothing_else() -> None:
    usual = key("Image", prompt="a cat", seed=1, model="fal-ai/flux/dev")
    assert usual == key("image", text="a cat", seed=1.0, model="fal-ai/flux/dev")
    assert usual == key(
        "Image",
        prompt="a cat",
        settings={"seed": 1},
        model="fal-ai/flux/dev",
        x_color="red",
        timeout_seconds=5,
        retries=0,
    )
    others = [
        key("Image", prompt="a cat", seed=2, model="fal-ai/flux/dev"),
        key("Image", prompt="a cat", model="fal-ai/flux/dev"),
        key("Image", prompt="a cat", seed=1, model="fal-ai/flux-2"),
        key("Image", prompt="a dog", seed=1, model="fal-ai/flux/dev"),
        key("Model", prompt="a cat", seed=1, model="fal-ai/flux/dev"),
    ]
    assert len({usual, *others}) == 6


def test_a_template_counts_as_what_it_is_filled_with() -> None:
    filled = key("Image", prompt="a {{ what }}", inputs={"what": "cat"})
    assert filled == key("Image", prompt="a cat")
    assert filled != key("Image", prompt="a {{ what }}", inputs={"what": "dog"})


def test_a_new_version_of_an_executor_makes_everything_of_its_kind_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = made()
    monkeypatch.setitem(keys.EXECUTOR_VERSIONS, "Combine", 99)
    after = made()
    assert {one for one in before if before[one] != after[one]} == {"mixed"}


def test_several_edges_make_a_list_in_their_order() -> None:
    nodes = [node("a", "Upload", url="https://example.com/a.mp4")]
    nodes += [node("b", "Upload", url="https://example.com/b.mp4")]
    nodes += [node("c", "Combine")]
    given_ = {one: [Artifact(type="video", key=f"work/{one}.mp4")] for one in "ab"}

    def joined(*edges: dict[str, Any]) -> tuple[str, list[str | None]]:
        step: Step = checked(nodes, *edges).select().steps["c"]
        found = resolve(step, given_)
        return cache_key(step, found), [one.key for one in found.media["media"]]

    there = joined(edge("a", "c"), edge("b", "c"))
    back = joined(edge("b", "c"), edge("a", "c"))
    assert there[1] == ["work/a.mp4", "work/b.mp4"]
    assert back[1] == ["work/b.mp4", "work/a.mp4"]
    assert there[0] != back[0]
