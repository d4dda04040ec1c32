"""An answer that arrives in pieces becomes shots: nothing too early, nothing twice, whatever the
pieces.
"""

import itertools
import json
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from showreel.storyboards.gen_shots.answer import (
    MAX_ANSWER_CHARS,
    MAX_SILENT_CHARS,
    AnswerReader,
    Sighting,
    Unusable,
)
from showreel.storyboards.gen_shots.slots import PHASES

SHOT = {
    "title": "Golden Hour Chase",
    "shot_type": "wide",
    "description": "A motorcycle speeds through narrow alleys.",
    "camera": "tracking forward, fast",
    "duration_seconds": 4,
}
texts = st.text(min_size=1, max_size=30).filter(
    lambda text: any(not sign.isspace() and sign.isprintable() for sign in text)
)
shots = st.tuples(
    texts,
    st.sampled_from(["wide", "pov", "no such"]),
    texts,
    texts,
    st.floats(1, 15) | st.integers(1, 15),
).map(lambda values: dict(zip(SHOT, values, strict=True)))
answers = st.builds(
    lambda made, escaped, indent, before, after: (
        before + json.dumps({"shots": made}, ensure_ascii=escaped, indent=indent) + after
    ),
    st.lists(shots, min_size=3, max_size=5),
    st.booleans(),
    st.sampled_from([None, 2]),
    st.sampled_from(["", "```json\n", "Here they are:\n"]),
    st.sampled_from(["", "\n```", " Enjoy!"]),
)


def cut(text: str, places: Sequence[int]) -> list[str]:
    """Returns the text in pieces that end at these places."""
    ends = sorted({place % (len(text) + 1) for place in places} | {0, len(text)})
    return [text[start:end] for start, end in itertools.pairwise(ends)]


def seen(pieces: Sequence[str], most: int = 3) -> list[Sighting]:
    reader = AnswerReader(most)
    return [sighting for piece in pieces for sighting in reader.read(piece)]


@given(answers, st.lists(st.integers(0, 10_000), max_size=40))
def test_the_pieces_of_an_answer_change_nothing_of_its_shots(text: str, places: list[int]) -> None:
    whole, found = seen([text]), seen(cut(text, places))
    steps = [(sighting.place, sighting.phase) for sighting in found]
    assert steps == [(place, phase) for place in range(3) for phase in PHASES]
    last = {sighting.place: sighting.idea for sighting in whole if sighting.phase == "ready"}
    for sighting in found:
        final = last[sighting.place]
        assert final is not None
        if sighting.phase == "creating":
            assert sighting.idea is None
        elif sighting.phase == "ready":
            assert sighting.idea == final
        else:
            assert sighting.idea is not None
            assert sighting.idea.description == final.description
            assert sighting.idea.title == final.title
            assert sighting.phase == "drafting" or sighting.idea.camera == final.camera


@given(answers)
def test_character_by_character_a_shot_is_seen_when_its_own_text_is_there(text: str) -> None:
    reader, read, news = AnswerReader(3), "", []
    for sign in text:
        read += sign
        news += [(sighting, len(read)) for sighting in reader.read(sign)]
    begin = text.index("{", text.index("["))
    first = json.JSONDecoder().raw_decode(text[begin:])[1]
    at = {sighting.phase: place for sighting, place in news if sighting.place == 0}
    assert at["creating"] == begin + 1
    assert at["ready"] == begin + first
    assert at["creating"] < at["drafting"] < at["enriching"] < at["ready"]


@given(st.text(max_size=300), st.lists(st.integers(0, 300), max_size=10))
def test_what_is_no_answer_is_refused_or_gives_nothing(text: str, places: list[int]) -> None:
    reader, found = AnswerReader(3), []
    try:
        for piece in cut(text, places):
            found += reader.read(piece)
    except Unusable:
        return
    assert not any(sighting.phase == "ready" for sighting in found)
    with pytest.raises(Unusable):
        reader.end()


def test_shots_beyond_those_that_were_asked_for_are_not_looked_at() -> None:
    reader = AnswerReader(2)
    found = reader.read(json.dumps({"shots": [SHOT] * 40}))
    assert [sighting.place for sighting in found if sighting.phase == "ready"] == [0, 1]
    assert reader.is_over
    assert reader.read('{"shots": [') == []
    reader.end()


def test_a_shot_that_says_nothing_leaves_its_place_to_the_next() -> None:
    text = json.dumps({"shots": [{"title": "Only a title"}, "a word", None, SHOT]})
    found = seen(list(text), most=1)
    assert [sighting.phase for sighting in found] == list(PHASES)
    assert found[-1].idea is not None
    assert found[-1].idea.title == SHOT["title"]


def test_a_list_without_its_object_will_do() -> None:
    assert len(seen(list(json.dumps([SHOT, SHOT])), most=2)) == 2 * len(PHASES)


@pytest.mark.parametrize(
    "told",
    [
        "I'm sorry, but I can't help with that.",
        "",
        "{}",
        '{"shots": []}',
        '{"shots": "none"}',
        '{"error": {"shots": [1]}}',
        "[" * 5000,
        '{"shots": [{"title": "A", "description": "Half of',
        '{"shots": [{"title": "A"}}',
        json.dumps({"shots": [SHOT, SHOT]}),
    ],
)
def test_answers_without_the_shots_are_unusable(told: str) -> None:
    reader = AnswerReader(3)

    def read() -> None:
        for sign in told:
            reader.read(sign)
        reader.end()

    with pytest.raises(Unusable):
        read()


@pytest.mark.parametrize(
    "piece", ['{"shots": [{"title": "A", "description": "', "Once upon a time "]
)
def test_an_answer_without_end_is_left(piece: str) -> None:
    reader, read = AnswerReader(3), 0

    def endless() -> None:
        nonlocal read
        reader.read(piece)
        while read < 10 * MAX_ANSWER_CHARS:
            reader.read("on and on ")
            read += 10

    with pytest.raises(Unusable):
        endless()
    assert read <= MAX_SILENT_CHARS


def test_a_character_that_a_vendor_cut_in_two_is_whole_again() -> None:
    shot: dict[str, Any] = SHOT | {"title": "A \U0001f3ac", "description": "Clap \U0001f3ac now."}
    text = json.dumps({"shots": [shot]}, ensure_ascii=False)
    halves = text.encode("utf-16-le")
    pieces = [
        halves[at : at + 2].decode("utf-16-le", "surrogatepass") for at in range(0, len(halves), 2)
    ]
    (ready,) = [sighting for sighting in seen(pieces, most=1) if sighting.phase == "ready"]
    assert ready.idea is not None
    assert ready.idea.title == "A \U0001f3ac"
    assert ready.idea.description == "Clap \U0001f3ac now."
