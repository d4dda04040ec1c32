"""Texts of nodes: what an edge brings, what is written, and templates of both."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from showreel.core.errors import InvalidInput
from showreel.graphs.cache_key import resolve
from showreel.graphs.models import Part
from showreel.graphs.templates import MAX_TEXT_CHARS, fill, names_in, parts_of
from tests.support.graphs import checked, edge, node, text


def prompt(params: dict[str, Any], *edges: tuple[str, str], kind: str = "Image") -> str:
    """The prompt of a node into which texts come: what each says, and at which handle."""
    nodes = [node(f"t{at}", "Prompt", text=words) for at, (words, _) in enumerate(edges)]
    ways = [edge(f"t{at}", "to", handle) for at, (_, handle) in enumerate(edges)]
    found = checked([*nodes, node("to", kind, **params)], *ways)
    assert found.findings == ()
    outputs = {f"t{at}": [text(words)] for at, (words, _) in enumerate(edges)}
    return resolve(found.steps["to"], outputs).texts["prompt"]


def test_an_edge_goes_before_the_inputs_and_those_before_the_parameters() -> None:
    every = {"prompt": "c", "inputs": {"prompt": "b"}}
    assert prompt(every, ("a", "prompt")) == "a"
    assert prompt(every) == "b"
    assert prompt({"prompt": "c"}) == "c"
    assert prompt({"text": "c"}) == "c"


def test_several_texts_become_lines_in_the_order_of_the_edges() -> None:
    assert prompt({}, ("one", "prompt"), ("two", ""), ("three", "text")) == "one\ntwo\nthree"


def test_templates_are_filled_by_edges_and_by_inputs() -> None:
    template = "A {{ animal }} in {{place}}, {{ main-style }}"
    params = {"prompt": template, "inputs": {"animal": "dog", "mainStyle": "oil {{ tone }}"}}
    params["inputs"] |= {"place": "a box", "tone": "dark"}
    assert prompt(params, ("cat", "animal")) == "A cat in a box, oil dark"


def test_a_template_says_where_the_edges_text_goes() -> None:
    assert prompt({"prompt": "cinematic: {{ prompt }}"}, ("a cat", "prompt")) == "cinematic: a cat"
    own = {"prompt": "cinematic: {{ prompt }}", "inputs": {"prompt": "a cat"}}
    assert prompt(own) == "cinematic: a cat"


def test_what_a_node_wrote_is_never_a_template() -> None:
    nodes = [node("t", "Text", prompt="x"), node("to", "Image", prompt="{{ a }}")]
    nodes[1]["params"]["inputs"] = {"b": "secret"}
    step = checked(nodes, edge("t", "to", "a")).select().steps["to"]
    assert resolve(step, {"t": [text("{{ b }}")]}).texts == {"prompt": "{{ b }}"}


def test_a_field_of_the_form_may_be_a_template_too() -> None:
    found = checked(
        [
            node("t", "Prompt", text="fog"),
            node("to", "Video", model="fal-ai/veo3.1", prompt="x", negativePrompt="no {{ what }}"),
        ],
        edge("t", "to", "what"),
    )
    assert found.findings == ()
    words = resolve(found.steps["to"], {"t": [text("fog")]}).texts
    assert words == {"prompt": "x", "negative_prompt": "no fog"}


@pytest.mark.parametrize(
    ("kind", "params", "model", "words"),
    [
        ("Prompt", {"prompt": "hi"}, None, "hi"),
        ("Text", {"text": "hi"}, None, "hi"),
        ("Text", {"prompt": "hi"}, "google/gemini-2.5-flash", "hi"),
        ("Prompt", {"prompt": "hi", "model": "openai/gpt-5"}, "openai/gpt-5", "hi"),
    ],
)
def test_words_stand_as_they_are_unless_a_model_is_to_write_them(
    kind: str, params: dict[str, Any], model: str | None, words: str
) -> None:
    step = checked([node("a", kind, **params)]).select().steps["a"]
    assert (step.model_id, resolve(step, {}).texts) == (model, {"prompt": words})


def test_a_text_that_grows_while_it_runs_has_an_end() -> None:
    with pytest.raises(InvalidInput) as error:
        fill((Part(handle="a"),), {"a": ["x" * (MAX_TEXT_CHARS + 1)]})
    assert error.value.code == "text_too_long"


NAMES = st.sampled_from(["a", "b", "c"])
PIECES = st.lists(NAMES.map(lambda name: f"{{{{ {name} }}}}") | st.text(max_size=4), max_size=5)


@given(PIECES, st.fixed_dictionaries({name: st.text(max_size=5) for name in "abc"}))
def test_a_template_is_filled_once(pieces: list[str], texts: dict[str, str]) -> None:
    template = "".join(pieces)
    parts = parts_of(template, {}, {name: name for name in "abc"})
    filled = fill(parts, {name: [words] for name, words in texts.items()})
    known = {part.handle for part in parts} - {None}
    assert known == set(names_in(template))
    expected = "".join(
        part.text if part.text is not None else texts[str(part.handle)] for part in parts
    )
    assert filled == expected
