"""`sync` and the timeline: what the storyboard says, with what users have set by hand."""

from typing import Any

import pytest

from showreel.core.errors import Conflict, InvalidInput, NotFound
from showreel.cuts import lengths, service
from showreel.cuts.schemas import TimelineChange
from showreel.cuts.store import CutStore
from showreel.storyboards.models import MediumState
from tests.unit.cuts.world import World
from tests.unit.films.support import ANN, BASE, EVE, fault
from tests.unit.storyboards.support import PROJECT, SCENE, scene_row, shot_row


def ids(here: World) -> list[str]:
    return [row.id for row in here.timeline().rows]


def row_of(here: World, shot_id: str) -> dict[str, Any]:
    rows = {row.id: row.model_dump() for row in here.timeline().rows}
    return rows[shot_id]


def test_the_documented_summary(here: World) -> None:
    for number in range(12):
        speech = {"audio": 2.0} if number < 2 else {}
        here.shot(**({"video": 5.0} if number < 8 else {"image": None}), **speech)
    told = here.sync().model_dump(by_alias=True)
    assert told | {"revision": 0, "durationMs": 0, "adjustedShots": []} == {
        "totalShots": 12,
        "syncedAssets": 14,
        "visualAssets": 12,
        "readyShots": 12,
        "readyVideos": 8,
        "fallbackImages": 4,
        "missingShots": 0,
        "audioAssets": 2,
        "canExport": True,
        "blockingReason": None,
        "blockingCode": None,
        "missingShotDetails": [],
        "adjustedShots": [],
        "captionWarnings": [],
        "durationMs": 0,
        "revision": 0,
    }
    assert told["durationMs"] == 60_000


def test_rows_follow_scenes_and_shots_with_real_lengths(here: World) -> None:
    here.store.add_scene(scene_row("scene-2"))
    last = here.shot("scene-2", video=3.21)
    first, second = here.shot(video=7.5, image=None), here.shot(image=None)
    here.sync()
    assert ids(here) == [first.id, second.id, last.id]
    rows = here.timeline().rows
    assert [(row.kind, row.duration_ms) for row in rows] == [
        ("video", 7500),
        ("image", 5000),
        ("video", 3210),
    ]
    assert [(row.scene_number, row.shot_number) for row in rows] == [(1, 1), (1, 2), (2, 1)]


def test_a_still_is_shown_as_long_as_its_shot_says(here: World) -> None:
    shot = here.shot(image=None)
    here.store.change_shot(shot, {"duration_ms": 2500, "dialogue": "Run!"})
    here.sync()
    (row,) = here.timeline().rows
    assert (row.duration_ms, row.caption) == (2500, "Run!")


def test_a_sync_again_changes_nothing(here: World) -> None:
    for _ in range(3):
        here.shot(video=5.0, audio=6.0)
    assert here.sync() == here.sync()
    assert here.timeline().revision == 1


def test_lengths_are_probed_once(here: World, monkeypatch: pytest.MonkeyPatch) -> None:
    probed: list[str] = []
    monkeypatch.setattr(lengths, "video_ms", lambda key: probed.append(key) or 4321)
    key = here.show(here.shot().id, "video")
    here.sync()
    here.sync()
    assert (probed, here.timeline().rows[0].duration_ms) == ([key], 4321)


def test_what_was_set_by_hand_survives_a_sync(here: World) -> None:
    trimmed, other = here.shot(video=5.0, audio=1.0), here.shot(video=5.0)
    here.sync()
    fade = {"type": "dissolve", "durationMs": 700}
    change = {"id": trimmed.id, "inMs": 1000, "durationMs": 2000, "volume": 30, "transition": fade}
    here.change(rows=[change | {"voiceVolume": 80}, {"id": other.id, "caption": "Own words"}])
    before = here.timeline()
    here.store.change_shot(other, {"dialogue": "Other words"})
    here.show(trimmed.id, "video", 9.0)
    here.sync()
    after = row_of(here, trimmed.id)
    assert (after["in_ms"], after["duration_ms"], after["volume"]) == (1000, 2000, 30)
    assert after["transition"] == {"type": "dissolve", "duration_ms": 700}
    assert after["voice_volume"] == 80
    assert after["url"] != before.rows[0].url
    assert row_of(here, other.id)["caption"] == "Own words"


def test_a_trim_that_a_new_video_is_too_short_for_is_gone(here: World) -> None:
    shot = here.shot(video=5.0)
    here.sync()
    here.change(rows=[{"id": shot.id, "inMs": 4000, "volume": 10}])
    assert here.timeline().rows[0].duration_ms == 1000
    here.show(shot.id, "video", 3.0)
    here.sync()
    (row,) = here.timeline().rows
    assert (row.in_ms, row.duration_ms, row.volume, row.edited) == (0, 3000, 10, ["volume"])


def test_a_users_order_survives_and_new_shots_find_their_place(here: World) -> None:
    first, second, third = (here.shot(image=None).id for _ in range(3))
    here.sync()
    here.change(order=[third, first, second])
    new = here.shot(image=None).id
    here.store.order_shots(SCENE, [first, new, second, third])
    here.sync()
    assert ids(here) == [third, first, new, second]


def test_without_an_order_of_the_users_the_storyboards_counts(here: World) -> None:
    first, second = (here.shot(image=None).id for _ in range(2))
    here.sync()
    here.store.order_shots(SCENE, [second, first])
    here.sync()
    assert ids(here) == [second, first]


def test_what_can_not_be_used_is_reported(here: World) -> None:
    shown, lost = here.shot(image=None), here.shot()
    for shot in (shown, lost):
        here.show(shot.id, "video")
    here.show(shown.id, "audio")
    told = here.sync()
    assert {(one.shot_id, one.reason) for one in told.adjusted_shots} == {
        (shown.id, "video_unusable"),
        (shown.id, "voice_over_unusable"),
        (lost.id, "video_unusable"),
    }
    assert (told.ready_videos, told.fallback_images, told.missing_shots) == (0, 1, 1)
    assert told.missing_shot_details[0].reason == "unusable"


def test_a_changed_revision_is_a_conflict(here: World) -> None:
    here.shot(image=None)
    here.sync()
    here.change(texts=[{"text": "The end", "startMs": 1000, "endMs": 2000}])
    old = TimelineChange.model_validate({"revision": 1, "texts": []})
    told = fault(lambda: service.change_timeline(here.boards, ANN, PROJECT, old, BASE))
    assert (told.code, told.details) == ("stale_revision", {"revision": 2})
    assert [text.text for text in here.timeline().texts] == ["The end"]


def test_of_two_changes_at_once_one_is_made(here: World, monkeypatch: pytest.MonkeyPatch) -> None:
    here.shot(image=None)
    here.sync()
    save = CutStore.save

    def late(store: CutStore, *given: Any) -> Any:
        monkeypatch.setattr(CutStore, "save", save)
        here.change(texts=[{"text": "First", "startMs": 0, "endMs": 900}])
        return save(store, *given)

    monkeypatch.setattr(CutStore, "save", late)
    told = fault(lambda: here.change(texts=[{"text": "Second", "startMs": 0, "endMs": 900}]))
    assert isinstance(told, Conflict)
    assert [text.text for text in here.timeline().texts] == ["First"]


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"rows": [{"id": "other", "volume": 1}]}, "unknown_row", "rows.other"),
        ({"rows": [{"id": "SHOT", "inMs": 10}]}, "bad_trim", "rows.SHOT.inMs"),
        ({"rows": [{"id": "SHOT", "volume": None}]}, "invalid_input", "rows.SHOT.volume"),
        ({"order": []}, "row_order", "order"),
        ({"order": ["SHOT", "SHOT"]}, "row_order", "order"),
        (
            {
                "texts": [
                    {"text": "b", "startMs": 900, "endMs": 2000},
                    {"text": "a", "startMs": 0, "endMs": 901},
                ]
            },
            "texts_overlap",
            "texts",
        ),
        ({"music": {"trackId": "nobodys"}}, "unknown_music_track", "musicTrackId"),
    ],
)
def test_a_change_that_makes_no_sense_is_refused(
    here: World, change: dict[str, Any], code: str, field: str
) -> None:
    shot = here.shot(image=None)
    here.sync()
    told = fault(lambda: here.change(**_named(change, shot.id)))
    assert isinstance(told, InvalidInput)
    assert (told.code, told.details["details"][0]["field"]) == (code, _named(field, shot.id))
    assert here.timeline().revision == 1


def _named(value: Any, shot_id: str) -> Any:
    match value:
        case str():
            return value.replace("SHOT", shot_id)
        case list():
            return [_named(one, shot_id) for one in value]
        case dict():
            return {name: _named(one, shot_id) for name, one in value.items()}
    return value


def test_a_timeline_of_many_rows_is_read_as_it_was_written(here: World) -> None:
    picture = MediumState(status="completed", key="project-assets/picture.jpg")
    shots = here.store.add_shots([shot_row(image=picture) for _ in range(53)])
    here.sync()
    assert ids(here) == [shot.id for shot in shots]
    for shot in shots[20:]:
        here.store.table.delete(f"shot#{shot.id}", "shot")
    here.sync()
    assert ids(here) == [shot.id for shot in shots[:20]]


def test_strangers_find_nothing(here: World) -> None:
    here.shot(image=None)
    here.sync()
    for project_id in (PROJECT, "nobodys"):
        told = fault(lambda: service.get_timeline(here.boards, EVE, project_id, BASE))  # noqa: B023
        assert isinstance(told, NotFound)
        assert told.message == "Project not found"
