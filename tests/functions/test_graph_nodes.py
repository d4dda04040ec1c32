"""What the nodes of a graph make in the running stack: looked at by decoding what came out."""

import io
import json
import runpy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image

from local.stack import ROOT, Stack
from showreel.media.movie import read_movie
from showreel_client import UnifiedGenerationService
from tests.media.decoding import frame, frame_times, make_clip, sound_samples
from tests.support.graphs import edge, node
from tests.support.sounds import wav

from .users import Client, newcomer, picture

pytestmark = pytest.mark.stack
MUSIC = ROOT / "layers" / "common" / "showreel" / "music" / "tracks" / "skyline.m4a"
VIDEO_OPERATIONS: dict[str, dict[str, Any]] = {
    "trim": {"endSeconds": 0.5},
    "speed": {"factor": 2},
    "resize": {"width": 80},
    "crop": {"aspectRatio": "1:1"},
    "extract-frame": {"position": "last"},
    "extract-audio": {},
    "reverse": {},
    "to-gif": {"width": 80, "framesPerSecond": 10},
}


@pytest.fixture(scope="module")
def ann(stack: Stack) -> Iterator[Client]:
    yield from newcomer(stack, Client)


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A second of moving pictures with a tone."""
    path = tmp_path_factory.mktemp("clip") / "in.mp4"
    return make_clip(path, seconds=1, size="160x90", sound="sine=440:r=48000").read_bytes()


def logo() -> bytes:
    data = io.BytesIO()
    Image.new("RGBA", (40, 20), (0, 0, 200, 255)).save(data, "PNG")
    return data.getvalue()


def executed(ann: Client, nodes: list[dict[str, Any]], *edges: dict[str, Any]) -> dict[str, Any]:
    """The `complete` event of a new project's graph."""
    made = ann.json("POST", "/api/projects", {"workspaceId": ann.workspace_id, "title": "Nodes"})
    graph = {"revision": 0, "nodes": nodes, "edges": list(edges)}
    ann.json("PUT", f"/api/projects/{made['id']}/graph", graph)
    with ann.http.stream(
        "POST", "/functions/v1/compute-execute", json={"projectId": made["id"]}, timeout=120
    ) as answer:
        told = [line for line in answer.iter_lines() if line.startswith("data:")]
    complete: dict[str, Any] = json.loads(told[-1].removeprefix("data:"))
    assert "outputs" in complete, told[-1]
    faults = [json.loads(line.removeprefix("data:")) for line in told]
    return complete | {
        "faults": [(one["node_id"], one["code"]) for one in faults if one.get("status") == "failed"]
    }


def file_of(ann: Client, complete: dict[str, Any], node_id: str, path: Path) -> Path:
    """Downloads what a node gave."""
    output = complete["outputs"][node_id]
    answer = httpx.get(output["url"], follow_redirects=True)
    assert answer.status_code == 200
    target = path / output["url"].rpartition("/")[2]
    target.write_bytes(answer.content)
    return target


def test_every_operation_makes_what_it_says(ann: Client, clip: bytes, tmp_path: Path) -> None:
    nodes = [
        node("clip", "Upload", url=ann.upload(clip, "video/mp4", "a.mp4")),
        node("tone", "Upload", url=ann.upload(wav(), "audio/wav", "a.wav")),
        node("logo", "Upload", url=ann.upload(logo(), "image/png", "a.png")),
        *(node(one, "Transform", operation=one, **of) for one, of in VIDEO_OPERATIONS.items()),
        node("concat", "Combine"),
        node("overlay", "Transform", operation="overlay", widthShare=0.5),
        node("mix-audio", "Transform", operation="mix_audio"),
    ]
    complete = executed(
        ann,
        nodes,
        *(edge("clip", one) for one in VIDEO_OPERATIONS),
        *(edge(one, "concat") for one in ("trim", "reverse")),
        edge("clip", "overlay", "media"),
        edge("logo", "overlay", "overlay"),
        edge("clip", "mix-audio", "media"),
        edge("tone", "mix-audio", "audio"),
    )
    assert (complete["faults"], complete["status"]) == ([], "succeeded")
    made = {
        one["id"]: file_of(ann, complete, one["id"], tmp_path)
        for one in nodes
        if one["kind"] != "Upload"
    }
    lengths = {name: len(frame_times(path)) for name, path in made.items() if ".mp4" in path.name}
    assert lengths == {
        "trim": 12,
        "speed": 12,
        "resize": 24,
        "crop": 24,
        "reverse": 24,
        "concat": 36,
        "overlay": 24,
        "mix-audio": 24,
    }
    assert read_movie(made["crop"]).picture.width == 90
    assert len(sound_samples(made["extract-audio"])) == pytest.approx(48_000, abs=1400)
    with Image.open(made["extract-frame"]) as image:
        assert (image.format, image.size) == ("PNG", (160, 90))
    with Image.open(made["to-gif"]) as image:
        assert (image.format, image.n_frames, image.size) == ("GIF", 10, (80, 45))
    left = ann.json("GET", f"/api/credits?workspaceId={ann.workspace_id}")
    assert (left["held"], left["balance"]) == (0, 50 - len(made))


def test_the_example_makes_a_film_and_again_only_what_changed(
    ann: Client, stack: Stack, tmp_path: Path
) -> None:
    """Prompt, picture, video, trim, logo, music: an MP4 whose frames show the logo."""
    example = runpy.run_path(str(ROOT / "client" / "examples" / "graph.py"))
    (tmp_path / "logo.png").write_bytes(logo())
    rich = stack.seeder.tenant(200)
    with UnifiedGenerationService(
        stack.base_url, rich.token, workspace_id=rich.workspace_id
    ) as service:
        urls = [service.upload(tmp_path / "logo.png"), service.upload(MUSIC)]
        project = service.projects.create("Lighthouse")
        made = example["graph"](*urls)
        example["save"](stack.base_url, rich.token, project.id, made, revision=0)
        first = example["run"](service, project.id)
        assert (first.status, first.completed_nodes, first.credits_used) == ("succeeded", 8, 48)
        film = tmp_path / "film.mp4"
        film.write_bytes(httpx.get(first.outputs["film"].url, follow_redirects=True).content)
        next(one for one in made["nodes"] if one["id"] == "film")["params"]["volume"] = 30
        example["save"](stack.base_url, rich.token, project.id, made, revision=1)
        again = example["run"](service, project.id)
    assert again.credits_used == 1, "of the mix alone"
    assert read_movie(film).picture.seconds == 3
    shown = frame(film, 30)
    side = shown.width
    assert shown.getpixel((round(side * 0.9), round(side * 0.05)))[2] > 150, "the logo"
    assert max(map(abs, sound_samples(film))) > 1000


def test_models_take_texts_and_files_by_url(ann: Client) -> None:
    """A text is written whole and goes on; what a handle has by URL is fetched for the job."""
    nodes = [
        node("scene", "Text", prompt="Describe a harbour", model="openai/gpt-oss-20b"),
        node(
            "edited",
            "ImageEdit",
            prompt="evening, {{ scene }}",
            inputs={"image": ann.upload(picture("PNG", (640, 360)), "image/png", "a.png")},
        ),
        node("small", "Transform", operation="resize", width=64),
    ]
    complete = executed(ann, nodes, edge("scene", "edited", "scene"), edge("edited", "small"))
    assert complete["faults"] == []
    assert complete["outputs"]["scene"]["text"]
    small = complete["outputs"]["small"]
    assert (small["type"], small["width"]) == ("image", 64)
    assert complete["credits_used"] == 1 + 6 + 1


def test_what_is_free_runs_without_credits_and_a_bad_file_fails_its_node(ann: Client) -> None:
    nodes = [
        node("good", "Upload", url=ann.upload(logo(), "image/png", "a.png")),
        node("bad", "Upload", url=ann.upload(b"<html>", "image/png", "b.png")),
        node("words", "Prompt", text="{{ adjective }} light", inputs={"adjective": "warm"}),
        node("shown", "Output"),
    ]
    complete = executed(ann, nodes, edge("good", "shown"), edge("words", "shown"))
    assert (complete["faults"], complete["status"]) == ([("bad", "media_type")], "partial")
    assert complete["outputs"]["words"]["text"] == "warm light"
