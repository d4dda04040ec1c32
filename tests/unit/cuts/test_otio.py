"""Timelines as OpenTimelineIO files: what the library reads back, and what editors send."""

import contextlib
import copy
import json
import random
from collections.abc import Callable, Mapping
from typing import Any

import opentimelineio as otio
import pytest

from showreel.core.errors import Conflict, InvalidInput, NotFound
from showreel.cuts.models import ExportSettings
from showreel.cuts.plan import CutPlan, make_plan
from showreel.cuts.schemas import Settings
from showreel.cuts.service import timeline_at
from showreel_otio import service
from tests.unit.cuts.world import World
from tests.unit.films.support import ANN, BASE, EVE, fault
from tests.unit.storyboards.support import PROJECT

Document = dict[str, Any]
CROSSFADE = {"type": "crossfade", "durationMs": 500}


@pytest.fixture
def film(here: World) -> World:
    """Four shots: a long voice-over over a short video, a picture, and two more videos."""
    first = here.shot(video=2.0, audio=3.25)
    second = here.shot(image=None)
    third, fourth = here.shot(video=6.0), here.shot(video=8.5)
    here.store.change_shot(second, {"dialogue": "Run!", "title": "The door"})
    here.sync()
    here.change(
        rows=[
            {"id": first.id, "transition": {"type": "dissolve", "durationMs": 700}},
            {"id": third.id, "inMs": 1500, "durationMs": 3000, "volume": 30},
            {"id": fourth.id, "volume": 0},
        ],
        texts=[{"text": "Day one", "startMs": 1000, "endMs": 2500}],
        music={"trackId": "calm-1", "volume": 40},
    )
    return here


@pytest.fixture(autouse=True)
def a_track(monkeypatch: pytest.MonkeyPatch) -> None:
    from showreel.cuts import service as cuts
    from showreel.music.library import MusicTrack

    url = f"{BASE}/storage/v1/object/public/audio/builtin-0123456789.m4a"
    track = MusicTrack(id="calm-1", name="Calm", built_in=True, url=url, duration_seconds=7.0)
    monkeypatch.setattr(service, "find_track", lambda *_: track)
    monkeypatch.setattr(cuts, "require_track", lambda *_: None)


def written(here: World, **settings: Any) -> Document:
    wanted = Settings.model_validate({"transitions": CROSSFADE, **settings})
    file = service.export(here.boards, ANN, PROJECT, wanted, BASE)
    return dict(json.loads(file.text))


def taken(here: World, document: Document, revision: int | None = None) -> Any:
    return service.take(here.boards, ANN, PROJECT, document, revision, BASE)


def plan_of(here: World, **settings: Any) -> CutPlan:
    from showreel.cuts.create import resolved

    board, timeline = timeline_at(here.boards, ANN, PROJECT, None)
    wanted = Settings.model_validate({"transitions": CROSSFADE, **settings})
    return make_plan(timeline, resolved(wanted, board))


def track(document: Document, number: int = 0) -> list[Document]:
    found: list[Document] = document["tracks"]["children"][number]["children"]
    return found


def clips(document: Document, number: int = 0) -> list[Document]:
    return [one for one in track(document, number) if one["OTIO_SCHEMA"] == "Clip.2"]


def seen(document: Document) -> list[tuple[str, int, int]]:
    """What the library reads: of each shot its row, its first and last frame in the film."""
    timeline = otio.adapters.read_from_string(json.dumps(document), "otio_json")
    found: dict[str, tuple[int, int]] = {}
    for clip in timeline.video_tracks()[0].find_clips():
        row_id, lies = clip.metadata["showreel"]["rowId"], clip.range_in_parent()
        before, after = clip.parent().neighbors_of(clip)
        lead = before.in_offset.value if isinstance(before, otio.schema.Transition) else 0
        tail = after.out_offset.value if isinstance(after, otio.schema.Transition) else 0
        first = int(lies.start_time.value - lead)
        last = int(lies.end_time_exclusive().value + tail)
        found[row_id] = (found.get(row_id, (first, 0))[0], last)
    return [(row_id, *ends) for row_id, ends in found.items()]


def test_the_library_reads_the_same_cut_to_the_frame(film: World) -> None:
    for fps in (24, 25, 30, 60):
        is_the_same_cut(plan_of(film, fps=fps), written(film, fps=fps))


def is_the_same_cut(plan: CutPlan, document: Document) -> None:
    fps = plan.settings.fps
    assert seen(document) == [(clip.row_id, clip.start, clip.end) for clip in plan.clips]
    timeline = otio.adapters.read_from_string(json.dumps(document), "otio_json")
    assert timeline.duration() == otio.opentime.RationalTime(plan.frames, fps)
    voice = next(iter(timeline.tracks[2].find_clips()))
    assert voice.range_in_parent().start_time.value == plan.speeches[0].start
    assert voice.duration().value == plan.speeches[0].frames
    assert timeline.tracks[3].duration().value == plan.frames
    transitions = list(timeline.video_tracks()[0].find_children(otio.schema.Transition))
    shared = [
        int((transition.in_offset + transition.out_offset).value) for transition in transitions
    ]
    assert shared == [transition.frames for transition in plan.transitions]


def test_media_are_named_by_lasting_urls_and_their_lengths(film: World) -> None:
    third = clips(written(film))[-2]
    media = third["media_references"]["DEFAULT_MEDIA"]
    assert media["target_url"].startswith(f"{BASE}/storage/v1/object/public/generation-videos/")
    assert media["available_range"]["duration"]["value"] == 6 * 24
    assert third["source_range"]["start_time"]["value"] >= 1.5 * 24


def test_a_video_that_is_too_short_holds_its_last_frame(film: World) -> None:
    moving, held = clips(written(film))[:2]
    assert moving["source_range"]["duration"]["value"] == 48
    assert held["effects"][0]["OTIO_SCHEMA"] == "FreezeFrame.1"
    assert held["source_range"]["start_time"]["value"] == 47


def test_what_was_written_read_again_changes_nothing(film: World) -> None:
    before = film.timeline()
    kinds: list[Mapping[str, Any]] = [{}, {"fps": 25}, {"fps": 30}, {"transitions": "cut"}]
    for settings in kinds:
        told = taken(film, written(film, **settings))
        assert (film.timeline(), told.notes) == (before, [])


def test_an_editors_changes_are_taken(film: World) -> None:
    first, second, third, fourth = (row.id for row in film.timeline().rows)
    document = written(film, transitions="cut")
    items = track(document)
    moving, held, transition, picture, video, last = items
    video["source_range"]["start_time"]["value"] = 24
    video["source_range"]["duration"]["value"] = 60
    dissolve = copy.deepcopy(transition) | {"metadata": {}}
    dissolve["in_offset"]["value"] = dissolve["out_offset"]["value"] = 6
    items[:] = [video, dissolve, last, moving, held, picture | {"enabled": False}]
    picture["markers"][0]["name"] = "Stop!"
    clips(document, 1)[1]["effects"] = []
    document["tracks"]["markers"][0]["name"] = "Night one"
    document["tracks"]["children"][2]["children"] = []
    document["tracks"]["children"][3]["children"] = []
    told = taken(film, document)
    assert [row.id for row in told.rows] == [third, fourth, first, second]
    rows = {row.id: row for row in told.rows}
    assert (rows[third].in_ms, rows[third].duration_ms) == (1000, 2750)
    assert rows[third].transition.model_dump() == {"type": "crossfade", "duration_ms": 500}
    assert (rows[third].volume, rows[first].voice_volume) == (100, 0)
    assert (rows[second].included, rows[second].caption) == (False, "Stop!")
    assert [text.text for text in told.texts] == ["Night one"]
    assert told.music is None
    assert told.notes == []
    plan = plan_of(film, transitions="cut")
    assert [clip.row_id for clip in plan.clips] == [third, fourth, first]
    assert [(clip.start, clip.frames) for clip in plan.clips[:1]] == [(0, 66)]


def as_resolve_writes(document: Document, rate: float, start: int = 0) -> Document:
    """Without our metadata, with its own, local paths and a media time code; times at its rate."""
    text = json.dumps(document).replace(f"{BASE}/storage/v1/object/public/", "/Volumes/Cut/")
    made: Document = json.loads(text, object_hook=lambda one: rewritten(one, rate))
    for one in clips(made):
        media = one["media_references"]["DEFAULT_MEDIA"]
        media["name"] = ""
        for times in (one["source_range"], media["available_range"]):
            times["start_time"]["value"] += start
    return made


def rewritten(one: Document, rate: float) -> Document:
    kind = str(one.get("OTIO_SCHEMA"))
    if kind == "RationalTime.1":
        return {**one, "value": one["value"] / one["rate"] * rate, "rate": rate}
    if "metadata" in one and kind != "Effect.1":
        one["metadata"] = {"Resolve_OTIO": {"Link Group ID": 1}}
    if kind == "Clip.2":
        one["name"] = "V1-0001_renamed"
    one.pop("markers", None)
    return one


def test_a_file_as_an_editor_writes_it_is_found_by_its_files(film: World) -> None:
    before, revision, rate = film.timeline(), film.timeline().revision, 25
    for fps in (24, 30, rate):
        document = written(film, fps=fps, transitions="cut")
        told = taken(film, as_resolve_writes(document, fps, start=86_400), revision)
        assert (film.timeline(), told.notes) == (before, [])
    swapped = as_resolve_writes(document, rate)
    items = track(swapped)
    items[-1], items[-2] = items[-2], items[-1]
    items[-1]["source_range"]["duration"]["value"] -= rate
    effect = items[-1]["effects"]
    effect.append(
        {
            "OTIO_SCHEMA": "Effect.1",
            "name": "",
            "effect_name": "Resolve Effect",
            "metadata": {
                "Resolve_OTIO": {
                    "Effect Name": "Transform",
                    "Parameters": [{"Parameter ID": "transformationZoomX", "Parameter Value": 1.2}],
                }
            },
        }
    )
    told = taken(film, swapped, revision)
    ids = [row.id for row in before.rows]
    assert [row.id for row in told.rows] == [*ids[:2], ids[3], ids[2]]
    assert told.rows[-1].duration_ms == 2000
    assert [one.code for one in told.notes] == ["effect_lost"]
    assert told.rows[0].voice_volume == 100


def test_a_resolve_volume_is_read_in_decibels(film: World) -> None:
    document = written(film)
    assert round(volume_of(clips(document, 1)[1])) == -10
    clips(document, 2)[0]["effects"] = [volume(-6.0206)]
    assert taken(film, document).rows[0].voice_volume == 50


def volume(decibels: float) -> Document:
    parameter = {"Parameter ID": "volume", "Parameter Value": decibels}
    own = {"Effect Name": "Fairlight Clip Volume and Fades", "Parameters": [parameter]}
    return {"OTIO_SCHEMA": "Effect.1", "effect_name": "x", "metadata": {"Resolve_OTIO": own}}


def volume_of(clip: Document) -> float:
    (effect,) = clip["effects"]
    return float(effect["metadata"]["Resolve_OTIO"]["Parameters"][0]["Parameter Value"])


def test_a_shot_that_was_only_cut_in_two_is_one(film: World) -> None:
    document = written(film, transitions="cut")
    first, second = copy.deepcopy(clips(document)[-1]), clips(document)[-1]
    first["source_range"]["duration"]["value"] = 20
    second["source_range"]["start_time"]["value"] += 20
    second["source_range"]["duration"]["value"] -= 20
    track(document).insert(-1, first)
    before = film.timeline()
    assert taken(film, document).rows == before.rows


def test_a_row_lengthened_for_its_voice_over_is_reported(film: World) -> None:
    document = written(film, transitions="cut")
    held = clips(document)[1]
    held["source_range"]["duration"]["value"] -= 24
    told = taken(film, document)
    assert [one.code for one in told.notes] == ["longer_for_voice_over"]


def test_a_newer_timeline_is_a_conflict_until_it_is_named(film: World) -> None:
    document = written(film, transitions="cut")
    film.change(texts=[])
    told = fault(lambda: taken(film, document))
    assert isinstance(told, Conflict)
    assert (told.code, told.details) == ("stale_revision", {"revision": 3})
    assert taken(film, document, 3).texts[0].text == "Day one"


def edit(change: Callable[[list[Document]], object]) -> Callable[[Document], None]:
    return lambda document: void(change(track(document)))


def void(_: object) -> None:
    return None


def at_rate(clip: Document, rate: float) -> None:
    clip["source_range"]["duration"]["rate"] = rate


def gap(seconds: float) -> Document:
    def time(value: float) -> Document:
        return {"OTIO_SCHEMA": "RationalTime.1", "rate": 24, "value": value}

    lasts = {"OTIO_SCHEMA": "TimeRange.1", "start_time": time(0), "duration": time(seconds * 24)}
    return {"OTIO_SCHEMA": "Gap.1", "source_range": lasts}


HOSTILE: dict[str, tuple[Callable[[Document], object], str, str]] = {
    "foreign media": (
        edit(
            lambda items: items[-1].update(
                metadata={},
                name="b-roll.mp4",
                media_references={
                    "DEFAULT_MEDIA": {
                        "OTIO_SCHEMA": "ExternalReference.1",
                        "target_url": "http://169.254.169.254/latest/meta-data",
                    }
                },
            )
        ),
        "unknown_media",
        "tracks.children.0.children.5",
    ),
    "gap": (
        edit(lambda items: items.insert(4, gap(1))),
        "otio_gap",
        "tracks.children.0.children.4",
    ),
    "twice": (
        edit(lambda items: items.append(copy.deepcopy(items[-2]))),
        "otio_twice",
        "tracks.children.0.children.6",
    ),
    "rate": (
        edit(lambda items: at_rate(items[-1], 0.0)),
        "otio_rate",
        "tracks.children.0.children.5.source_range.duration",
    ),
    "speed": (
        edit(
            lambda items: items[-1].update(
                effects=[
                    {"OTIO_SCHEMA": "LinearTimeWarp.1", "effect_name": "x", "time_scalar": 2.0}
                ]
            )
        ),
        "otio_speed",
        "tracks.children.0.children.5.effects",
    ),
    "nested": (
        edit(lambda items: items.append({"OTIO_SCHEMA": "Stack.1", "children": []})),
        "otio_nested",
        "tracks.children.0.children.6",
    ),
    "unknown schema": (
        edit(lambda items: items.append({"OTIO_SCHEMA": "Evil.1"})),
        "otio_schema",
        "tracks.children.0.children.6",
    ),
    "newer schema": (
        edit(lambda items: items[-1].update(OTIO_SCHEMA="Clip.99")),
        "otio_schema",
        "tracks.children.0.children.5",
    ),
    "reference": (
        edit(lambda items: items.append({"OTIO_SCHEMA": "SerializableObjectRef.1", "id": "x"})),
        "otio_schema",
        "tracks.children.0.children.6",
    ),
    "wrong type": (edit(lambda items: items.append(5)), "otio_unreadable", "body"),
    "no timeline": (
        lambda document: document.update(OTIO_SCHEMA="Clip.2"),
        "otio_unreadable",
        "OTIO_SCHEMA",
    ),
    "nothing": (edit(lambda items: items.clear()), "otio_empty", "tracks"),
    "other project": (
        lambda document: document["metadata"]["showreel"].update(projectId="other"),
        "otio_project",
        "metadata.showreel.projectId",
    ),
    "no revision": (
        lambda document: document.update(metadata={}),
        "revision_needed",
        "revision",
    ),
    "too large": (lambda document: document.update(name="x" * 4_000_000), "otio_too_large", "body"),
    "long text": (
        lambda document: document["tracks"]["markers"][0].update(name="x" * 501),
        "invalid_input",
        "texts.0.text",
    ),
}


def test_what_can_not_be_imported_is_reported_with_its_place(
    film: World, subtests: pytest.Subtests
) -> None:
    sound, before = written(film, transitions="cut"), film.timeline()
    for name, (spoil, code, field) in HOSTILE.items():
        with subtests.test(name):
            document = copy.deepcopy(sound)
            spoil(document)
            told = fault(lambda document=document: taken(film, document))
            assert isinstance(told, InvalidInput)
            assert (told.code, told.details["details"][0]["field"]) == (code, field)
    assert film.timeline() == before


def test_all_that_is_wrong_is_reported_at_once(film: World) -> None:
    document = written(film, transitions="cut")
    HOSTILE["gap"][0](document)
    HOSTILE["twice"][0](document)
    told = fault(lambda: taken(film, document))
    places = [one["field"].rpartition(".")[2] for one in told.details["details"]]
    assert places == ["4", "7"]


def test_a_strangers_timeline_is_not_found(film: World) -> None:
    document = written(film)
    calls: list[Callable[[], object]] = [
        lambda: service.export(film.boards, EVE, PROJECT, Settings(), BASE),
        lambda: service.take(film.boards, EVE, PROJECT, document, None, BASE),
        lambda: service.take(film.boards, ANN, "missing", document, None, BASE),
    ]
    assert all(isinstance(fault(call), NotFound) for call in calls)


JUNK: list[Any] = [None, True, -1, 0, 1e308, "", "x", [], ["x"], {}, {"OTIO_SCHEMA": "Clip.2"}]


def places(value: Any) -> list[tuple[Any, Any]]:
    """Every place of a document at which something can stand."""
    inner = value.items() if isinstance(value, dict) else enumerate(value)
    found: list[tuple[Any, Any]] = [(value, name) for name in dict(inner)]
    for _, name in list(found):
        if isinstance(value[name], dict | list):
            found += places(value[name])
    return found


def test_a_file_with_anything_anywhere_is_taken_or_refused(film: World) -> None:
    sound, rng = written(film), random.Random(5)
    _, timeline = timeline_at(film.boards, ANN, PROJECT, None)
    for _ in range(100):
        document = copy.deepcopy(sound)
        for _ in range(rng.choice([1, 1, 3])):
            holder, name = rng.choice(places(document))
            holder[name] = copy.deepcopy(rng.choice(JUNK))
        with contextlib.suppress(InvalidInput):
            file = service.TimelineFile.read(document, PROJECT, None)
            file.over(timeline, ExportSettings(aspect_ratio="16:9"), None)
