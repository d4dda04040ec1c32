"""A project's graph: who reads and writes it, revisions, problems, and what a run would take."""

import random
import string
from functools import partial
from typing import Any

import pytest

from showreel.core import dynamo
from showreel.core.dynamo import Table
from showreel.core.errors import AppError, Conflict, InvalidInput, NotFound
from showreel.graphs import service
from showreel.graphs.responses import GraphView
from showreel.graphs.schemas import EstimateBody, GraphBody
from showreel.storyboards.removal import Removal
from tests.support.graphs import edge, film, node
from tests.support.sounds import wav
from tests.unit.films.support import ANN, BASE, EVE, upload


def put(project: str, revision: int = 0, **graph: Any) -> GraphView:
    body = GraphBody.model_validate({"revision": revision, "nodes": [], **graph})
    return service.put_graph(ANN, project, body, BASE)


def words(text: str) -> dict[str, Any]:
    return {"nodes": [node("a", "prompt", text=text)]}


def raised(error: type[AppError], code: str, *call: Any, **graph: Any) -> dict[str, Any]:
    with pytest.raises(error) as caught:
        put(*call, **graph)
    assert caught.value.code == code
    return caught.value.details


def test_a_graph_is_read_as_it_was_written(project: str) -> None:
    assert service.get_graph(ANN, project, BASE).model_dump()["revision"] == 0
    body = {
        "nodes": [
            {
                **node("a", "IMAGE_EDIT", prompt="x", settings={"seed": 1}, editor={"open": None}),
                "label": "Rétouche",
                "inputs": ["image", {"id": "p-1", "name": "prompt", "cardinality": "1"}],
                "outputs": ["image"],
                "position": {"x": -1.5, "y": 20},
                "credits_used": 5,
            },
            node("b", "comment", text="note"),
            node("c", "upload", url="https://example.com/a.png"),
        ],
        "edges": [edge("c", "a", "image", source_handle=None)],
    }
    written = put(project, **body)
    read = service.get_graph(ANN, project, BASE)
    assert read == written
    shown = read.model_dump(mode="json", exclude_none=True)
    assert shown["revision"] == 1
    assert shown["nodes"][0] == {
        "id": "a",
        "kind": "ImageEdit",
        "label": "Rétouche",
        "params": body["nodes"][0]["params"],
        "inputs": [
            {"id": "image", "name": "image"},
            {"id": "p-1", "name": "prompt", "cardinality": "1"},
        ],
        "outputs": [{"id": "image", "name": "image"}],
        "position": {"x": -1.5, "y": 20},
    }
    assert shown["problems"] == []
    again = put(project, 1, nodes=shown["nodes"], edges=shown["edges"])
    assert (again.nodes, again.edges) == (written.nodes, written.edges)


def test_a_stale_revision_is_a_conflict_that_names_the_present_one(project: str) -> None:
    put(project, **words("one"))
    put(project, 1, **words("two"))
    for revision in (0, 1, 3):
        assert raised(Conflict, "stale_revision", project, revision, **words("x")) == {
            "revision": 2
        }
    assert service.get_graph(ANN, project, BASE).nodes[0].params == {"text": "two"}


def test_the_same_once_more_after_a_lost_answer_is_no_conflict(
    project: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    call = dynamo._call

    def lost(operation: str, **request: Any) -> Any:
        answer = call(operation, **request)
        if operation == "transact_write_items":
            monkeypatch.setattr(dynamo, "_call", call)
            raise dynamo.Transient("no answer")
        return answer

    monkeypatch.setattr(dynamo, "_call", lost)
    assert put(project, **words("one")).revision == 1
    assert put(project, **words("one")).revision == 1


def test_of_two_writes_at_once_one_is_a_conflict(
    project: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    call = dynamo._call

    def overtaken(operation: str, **request: Any) -> Any:
        if operation == "transact_write_items":
            monkeypatch.setattr(dynamo, "_call", call)
            put(project, **words("faster"))
        return call(operation, **request)

    monkeypatch.setattr(dynamo, "_call", overtaken)
    raised(Conflict, "stale_revision", project, **words("slower"))
    assert service.get_graph(ANN, project, BASE).nodes[0].params == {"text": "faster"}


def noise(chars: int, seed: int) -> str:
    return "".join(random.Random(seed).choices(string.ascii_letters + string.digits, k=chars))


def test_500_nodes_that_dont_compress_are_kept_and_shrink_again(project: str) -> None:
    nodes = [node(f"n{at}", "prompt", text=noise(1_700, at)) for at in range(500)]
    edges = [edge(f"n{at}", f"n{at + 1}") for at in range(499)]
    put(project, nodes=nodes, edges=edges)
    rows = list(Table("studio").query_all("pk = :pk", values={":pk": f"storyboard#{project}"}))
    parts = [row for row in rows if row["sk"].startswith("graph#")]
    assert len(parts) > 1
    assert max(len(row["part"]) for row in parts) < 400_000
    read = service.get_graph(ANN, project, BASE)
    assert [one.params["text"] for one in read.nodes] == [one["params"]["text"] for one in nodes]
    put(project, 1, **words("small"))
    read = service.get_graph(ANN, project, BASE)
    assert (read.revision, len(read.nodes)) == (2, 1)


def test_parts_of_two_revisions_are_never_put_together(
    project: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    long = {"nodes": [node(f"n{at}", "prompt", text=noise(9_000, at)) for at in range(80)]}
    put(project, **long)
    call = dynamo._call
    torn = iter([True])

    def between(operation: str, **request: Any) -> Any:
        answer = call(operation, **request)
        if operation == "query" and next(torn, False):
            put(project, 1, **words("newer"))
            rows = call(operation, **request)["Items"]
            return {**answer, "Items": [*rows, *answer["Items"][1:]]}
        return answer

    monkeypatch.setattr(dynamo, "_call", between)
    assert service.get_graph(ANN, project, BASE).nodes[0].params == {"text": "newer"}


def test_a_hostile_graph_changes_nothing(project: str) -> None:
    details = raised(
        InvalidInput,
        "invalid_graph",
        project,
        nodes=[node("a", "Output"), node("a", "Shell"), node("b", "Image")],
        edges=[edge("a", "a"), edge("a", "elsewhere")],
    )
    assert {(one["field"], one["code"]) for one in details["details"]} == {
        ("nodes.1.id", "duplicate_id"),
        ("nodes.1.kind", "unknown_kind"),
        ("edges.0.target_node_id", "self_edge"),
        ("edges.1.target_node_id", "unknown_node"),
    }
    assert service.get_graph(ANN, project, BASE).revision == 0


def test_nodes_and_edges_of_another_project_are_refused(project: str) -> None:
    nodes = [node("a", "prompt", text="x") | {"project_id": "other"}, node("b", "Output")]
    edges = [edge("a", "b", project_id="other")]
    details = raised(InvalidInput, "foreign_project", project, nodes=nodes, edges=edges)
    assert [one["field"] for one in details["details"]] == [
        "nodes.0.project_id",
        "edges.0.project_id",
    ]
    nodes[0]["project_id"] = edges[0]["project_id"] = project
    assert put(project, nodes=nodes, edges=edges).revision == 1


def test_what_is_missing_yet_is_stored_and_reported(project: str) -> None:
    view = put(project, nodes=[node("a", "Image"), node("b", "Output")], edges=[edge("a", "b")])
    assert [(one["node_id"], one["field"], one["code"]) for one in view.problems] == [
        ("a", "nodes.0.inputs.prompt", "missing_input")
    ]
    with pytest.raises(InvalidInput) as error:
        service.prepare(ANN, project, None, BASE)
    assert error.value.code == "missing_input"


def test_a_foreign_and_a_missing_project_look_the_same(project: str) -> None:
    empty, asked = GraphBody(revision=0, nodes=[]), EstimateBody()
    told = set()
    for caller, project_id in ((EVE, project), (ANN, "missing"), (ANN, "../x" * 40)):
        for call in (
            partial(service.get_graph, caller, project_id, BASE),
            partial(service.put_graph, caller, project_id, empty, BASE),
            partial(service.estimate_graph, caller, project_id, asked, BASE, list, 1),
        ):
            with pytest.raises(NotFound) as error:
                call()
            told.add((error.value.code, error.value.message))
    assert told == {("not_found", "Project not found")}


def test_a_deleted_project_has_no_graph_and_gets_none(project: str) -> None:
    put(project, **words("x"))
    removal = Removal(Table("studio"))
    removal.retire_project(project)
    with pytest.raises(NotFound):
        service.get_graph(ANN, project, BASE)
    with pytest.raises(NotFound):
        service.graphs().write(project, film(), 1)
    assert removal.remove(f"storyboard#{project}", lambda: True)
    rows, _ = Table("studio").query("pk = :pk", values={":pk": f"storyboard#{project}"})
    assert rows == []


def estimated(project: str, cached: tuple[str, ...] = (), at_once: int = 8, **body: Any) -> Any:
    request = EstimateBody.model_validate(body)
    return service.estimate_graph(ANN, project, request, BASE, lambda _prepared: cached, at_once)


def test_an_estimate_has_credits_time_and_the_longest_chain(project: str) -> None:
    body = film().model_dump(mode="json")
    put(project, nodes=body["nodes"], edges=body["edges"])
    every = estimated(project)
    by_id = {one.node_id: one for one in every.nodes}
    assert "note" not in by_id
    assert (every.revision, every.total_nodes, every.cached_nodes) == (1, 9, 0)
    assert {one: of.credits for one, of in by_id.items() if of.credits} == {
        "still": 3,
        "clip": 42,
        "part": 1,
        "branded": 1,
        "mixed": 1,
    }
    assert every.credits == 48
    chain = ("idea", "still", "clip", "part", "branded", "mixed", "film")
    assert every.critical_path.node_ids == chain
    assert (
        every.seconds
        == every.critical_path.seconds
        == pytest.approx(sum(by_id[one].seconds for one in chain), abs=0.1)
    )
    assert estimated(project, at_once=1).seconds > every.seconds
    kept = estimated(project, cached=("still", "clip"))
    assert (kept.credits, kept.cached_nodes) == (3, 2)
    assert kept.seconds < every.seconds
    assert estimated(project, cached=("still",), useCache=False).credits == 48
    part = estimated(project, nodeIds=["still"])
    assert ([one.node_id for one in part.nodes], part.credits) == (["idea", "still"], 3)


def test_a_text_that_isnt_written_yet_is_held_for_at_its_longest(project: str) -> None:
    speech = {"model": "elevenlabs-tts"}
    nodes = [node("w", "Text", prompt="a poem"), node("s", "Audio", **speech)]
    nodes += [node("t", "Audio", prompt="x" * 1001, **speech)]
    put(project, nodes=nodes, edges=[edge("w", "s", "prompt")])
    prices = {one.node_id: one.credits for one in estimated(project).nodes}
    assert prices["t"] == 9
    assert prices["s"] > prices["t"]


def test_files_of_our_storage_have_to_be_the_workspaces_own(project: str) -> None:
    own = upload(wav(), kind="audio/wav")
    foreign = f"{BASE}/storage/v1/object/public/uploads/{'x' * 32}.wav"
    nodes = [node("own", "Upload", url=own), node("foreign", "Upload", url=foreign)]
    assert put(project, nodes=nodes).problems == ()
    assert estimated(project, nodeIds=["own"]).total_nodes == 1
    with pytest.raises(InvalidInput) as error:
        estimated(project)
    assert [(one["node_id"], one["code"]) for one in error.value.details["details"]] == [
        ("foreign", "media_not_found")
    ]
