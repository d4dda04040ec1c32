"""What is wrong with a graph: everything at once, each with its node and field."""

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from showreel.core.errors import InvalidInput
from showreel.graphs.check import check
from showreel.graphs.kinds import KINDS
from showreel.graphs.models import Graph
from showreel.graphs.operations import operations
from showreel.graphs.structure import check_cycles
from showreel.graphs.urls import url_check
from tests.support.graphs import BASE, PICTURE, VIDEO, checked, codes, edge, film, graph, node


def only_code(nodes: list[dict[str, Any]], *edges: dict[str, Any]) -> tuple[str | None, str, str]:
    (found,) = codes(checked(nodes, *edges))
    return found


def test_a_whole_film_has_no_findings() -> None:
    found = check(film(), url_check(BASE))
    assert found.findings == ()
    steps = found.select().steps
    assert steps["clip"].model_id == "fal-ai/kling-video/o3/standard/image-to-video"
    assert {one: step.output for one, step in steps.items()} == {
        "idea": "text",
        "still": "image",
        "clip": "video",
        "part": "video",
        "logo": "image",
        "branded": "video",
        "music": "audio",
        "mixed": "video",
        "film": "video",
    }
    assert (steps["branded"].operation, steps["mixed"].operation) == ("overlay", "mix-audio")
    assert {name: [one.node_id for one in of] for name, of in steps["branded"].inputs.items()} == {
        "media": ["part"],
        "overlay": ["logo"],
    }


HOSTILE = [
    ("cycle", [node("a", "Output"), node("b", "Output")], [edge("a", "b"), edge("b", "a")]),
    ("self_edge", [node("a", "Output")], [edge("a", "a")]),
    ("duplicate_id", [node("a", "Prompt", text="x"), node("a", "Prompt", text="y")], []),
    (
        "duplicate_id",
        [node("a", "Prompt", text="x"), node("b", "Output")],
        [edge("a", "b"), edge("a", "b")],
    ),
    ("unknown_node", [node("a", "Output")], [edge("elsewhere", "a")]),
    ("too_many_nodes", [node(f"n{one}", "comment") for one in range(501)], []),
    ("param_too_large", [node("a", "Prompt", text="x" * 2_000_000)], []),
    ("graph_too_large", [node(f"n{one}", "comment", x="y" * 60_000) for one in range(18)], []),
    ("bad_url", [node("a", "Upload", url="../../etc/passwd.png")], []),
    ("bad_url", [node("a", "Upload", url="/etc/passwd.png")], []),
    ("bad_url", [node("a", "Upload", url="file:///etc/passwd.png")], []),
    ("bad_url", [node("a", "Upload", url="https://example.com/a/%2e%2e/b.png")], []),
    ("bad_url", [node("a", "Upload", url="https://169.254.169.254/a.png")], []),
    ("bad_url", [node("a", "Upload", url=f"{BASE}/storage/v1/object/public/x/../../a.png")], []),
    ("bad_url", [node("a", "Video", prompt="x", inputs={"image": "C:\\\\a.png"})], []),
    (
        "bad_url",
        [node("a", "Transform", operation="trim", inputs={"video": "concat:a.mp4"})],
        [],
    ),
    ("template_cycle", [node("a", "Prompt", text="{{ text }} {{ prompt }}")], []),
    ("template_cycle", [node("a", "Image", prompt="{{ prompt }}")], []),
    (
        "template_cycle",
        [node("a", "Prompt", text="x {{ one }}", inputs={"one": "{{ two }}", "two": "{{ one }}"})],
        [],
    ),
    (
        "text_too_long",
        [
            node(
                "a",
                "Prompt",
                text="{{ a0 }}",
                inputs={f"a{one}": f"{{{{ a{one + 1} }}}}" * 9 for one in range(12)}
                | {"a12": "ha"},
            )
        ],
        [],
    ),
    ("unknown_kind", [node("a", "Shell")], []),
    ("unknown_operation", [node("a", "Transform", operation="melt")], []),
    ("unknown_model", [node("a", "Image", prompt="x", model="fal-ai/none")], []),
    ("unknown_model", [node("a", "Model", model=["fal-ai/flux/dev"])], []),
    ("wrong_model", [node("a", "Image", prompt="x", model="elevenlabs-tts")], []),
    ("unknown_workflow", [node("a", "Gateway", workflow="text-to-smell")], []),
    ("invalid_param", [node("a", "Image", prompt="x", seed="many", model="fal-ai/flux/dev")], []),
    ("invalid_param", [node("a", "Prompt", text="x", timeout_seconds=0)], []),
    ("invalid_param", [node("a", "Prompt", text="x", retries=True)], []),
]


@pytest.mark.parametrize(("code", "nodes", "edges"), HOSTILE)
def test_a_hostile_graph_is_neither_stored_nor_run(
    code: str, nodes: list[dict[str, Any]], edges: list[dict[str, Any]]
) -> None:
    found = checked(nodes, *edges)
    assert code in {one.code for one in found.findings if not one.is_draft}
    for refused in (found.require_storable, found.select):
        with pytest.raises(InvalidInput) as error:
            refused()
        assert code in {one["code"] for one in error.value.details["details"]}


def test_every_fault_is_reported_at_once_where_it_is() -> None:
    found = checked(
        [
            node("words", "Prompt", text="hello {{ who }}"),
            node("still", "Image", prompt="x", model="fal-ai/none"),
            node("clip", "Video", prompt="x"),
            node("part", "Transform", operation="trim", start_seconds=-1),
            node("gif", "Transform", operation="to-gif", inputs={"video": "nowhere"}),
            node("end", "Output"),
        ],
        edge("words", "clip", "audio"),
        edge("part", "gone"),
        edge("still", "clip", "first_frame", source_handle="sound"),
    )
    assert codes(found) == [
        ("words", "nodes.0.params.text", "template_unknown"),
        ("still", "nodes.1.params.model", "unknown_model"),
        ("still", "edges.2.source_handle", "unknown_handle"),
        ("clip", "edges.0.target_handle", "incompatible_handles"),
        ("part", "edges.1.target_node_id", "unknown_node"),
        ("part", "nodes.3.params.start_seconds", "invalid_param"),
        ("part", "nodes.3.inputs.media", "missing_input"),
        ("gif", "nodes.4.params.inputs.video", "bad_url"),
        ("end", "nodes.5.inputs.input", "missing_input"),
    ]


DRAFTS = [
    ([node("a", "Image")], "nodes.0.inputs.prompt", "missing_input"),
    ([node("a", "ImageEdit", prompt="x")], "nodes.0.inputs.references", "missing_input"),
    ([node("a", "Transform")], "nodes.0.params.operation", "missing_operation"),
    (
        [node("a", "Transform", operation="speed", inputs={"video": VIDEO})],
        "nodes.0.params.factor",
        "invalid_param",
    ),
    ([node("a", "Model")], "nodes.0.params.model", "missing_model"),
    ([node("a", "Gateway")], "nodes.0.params.workflow", "missing_model"),
    ([node("a", "Upload")], "nodes.0.params.url", "missing_input"),
    ([node("a", "Output")], "nodes.0.inputs.input", "missing_input"),
    ([node("a", "Prompt")], "nodes.0.params.prompt", "missing_input"),
    ([node("a", "Prompt", text="{{ who }}")], "nodes.0.params.text", "template_unknown"),
    ([node("a", "Combine", inputs={"videos": [VIDEO]})], "nodes.0.inputs.media", "missing_input"),
]


@pytest.mark.parametrize(("nodes", "field", "code"), DRAFTS)
def test_a_graph_that_isnt_finished_can_be_stored_but_not_run(
    nodes: list[dict[str, Any]], field: str, code: str
) -> None:
    found = checked(nodes)
    assert (field, code) in {where[1:] for where in codes(found)}
    found.require_storable()
    with pytest.raises(InvalidInput) as error:
        found.select()
    assert error.value.details["details"][0]["node_id"] == "a"


def test_a_part_of_a_graph_runs_whatever_is_wrong_beside_it() -> None:
    found = checked(
        [
            node("a", "Prompt", text="x"),
            node("b", "Image"),
            node("c", "Output"),
            node("beside", "Image"),
            node("note", "comment"),
        ],
        edge("a", "b"),
        edge("b", "c"),
    )
    assert list(found.select(["b"]).plan.order) == ["a", "b"]
    assert list(found.select(["b", "a", "note"]).plan.order) == ["a", "b"]
    with pytest.raises(InvalidInput, match="beside"):
        found.select()


def test_a_run_of_nothing_or_of_unknown_nodes_is_refused() -> None:
    found = checked([node("a", "Prompt", text="x"), node("note", "comment")])
    for node_ids, code in (([], "nothing_to_run"), (["note"], "nothing_to_run")):
        with pytest.raises(InvalidInput) as error:
            found.select(node_ids)
        assert error.value.code == code
    with pytest.raises(InvalidInput) as error:
        found.select(["a", "b", "c"])
    assert [one["code"] for one in error.value.details["details"]] == ["unknown_node"] * 2


def test_each_cycle_is_named() -> None:
    names = "abcdefg"
    nodes = [node(one, "Output") for one in names]
    edges = [edge(*pair) for pair in ("ab", "bc", "ca", "de", "ed", "cf", "fg", "ag")]
    told = {one.message for one in checked(nodes, *edges).findings if one.code == "cycle"}
    assert told == {"the graph goes round: a → b → c → a", "the graph goes round: d → e → d"}


@given(
    st.integers(min_value=1, max_value=9),
    st.lists(st.tuples(st.integers(0, 8), st.integers(0, 8)), max_size=20),
)
def test_a_graph_has_a_cycle_if_and_only_if_one_is_reported(
    count: int, pairs: list[tuple[int, int]]
) -> None:
    pairs = [(one % count, other % count) for one, other in pairs]
    ways = {(f"n{one}", f"n{other}") for one, other in pairs if one != other}
    one = graph(
        [node(f"n{place}", "Output") for place in range(count)],
        *(edge(*way) for way in sorted(ways)),
    )
    cycles = [finding.message.partition(": ")[2].split(" → ") for finding in check_cycles(one)]
    seen = [name for cycle in cycles for name in cycle[1:]]
    assert len(seen) == len(set(seen))
    assert all(way in ways for cycle in cycles for way in pairwise(cycle))
    left = set(ways)
    while ends := {one for one, _ in left} - {other for _, other in left}:
        left = {way for way in left if way[0] not in ends}
    assert bool(cycles) == bool(left)


WORDS = st.sampled_from(
    ["", "x", "prompt", "{{ prompt }}", "{{ x }}", "image", "video", PICTURE, VIDEO, "../a", "5"]
)
PARAMS = st.dictionaries(
    st.sampled_from(
        [
            "prompt",
            "text",
            "model",
            "operation",
            "url",
            "inputs",
            "settings",
            "duration",
            "seed",
            "workflow",
            "provider",
            "timeout_seconds",
            "type",
            "factor",
            "width",
        ]
    ),
    WORDS
    | st.sampled_from([*operations(), "fal-ai/flux/dev", "veo-2", "elevenlabs-tts"])
    | st.integers(-1, 9)
    | st.none()
    | st.dictionaries(WORDS, WORDS | st.lists(WORDS, max_size=2), max_size=2)
    | st.lists(WORDS, max_size=2),
    max_size=5,
)


@given(
    st.lists(
        st.tuples(st.sampled_from([*KINDS, "none"]), PARAMS, st.booleans().map(int)), max_size=6
    ),
    st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7), WORDS, WORDS), max_size=8),
)
def test_any_graph_has_findings_or_runs(
    nodes: list[tuple[str, dict[str, Any], int]], edges: list[tuple[int, int, str, str]]
) -> None:
    found = check(
        Graph.model_validate(
            {
                "nodes": [
                    node(f"n{at * once}", kind, **of) for at, (kind, of, once) in enumerate(nodes)
                ],
                "edges": [
                    edge(f"n{one}", f"n{other}", target, source_handle=source, id=f"e{at}")
                    for at, (one, other, source, target) in enumerate(edges)
                ],
            }
        ),
        url_check(BASE),
    )
    for one in found.findings:
        kind, place, *_ = f"{one.place}..".split(".")
        assert not one.place or int(place) < len({"nodes": nodes, "edges": edges}[kind])
    running = {f"n{at}" for at, (kind, *_) in enumerate(nodes) if kind != "comment"}
    if not found.findings and running:
        run = found.select()
        assert run.steps.keys() == running
        assert all(
            set(step.parents) <= set(run.plan.parents[one]) for one, step in run.steps.items()
        )
