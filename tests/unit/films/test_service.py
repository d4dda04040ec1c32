"""Use cases: pictures before rows, membership before everything, nothing lost and nothing left."""

from threading import Event
from typing import Any

import pytest

from showreel.assets import pictures
from showreel.assets import service as assets
from showreel.assets.models import StoredImage
from showreel.core.dynamo import Table, transact
from showreel.core.errors import AppError, Conflict, InvalidInput, NotFound, Transient
from showreel.films.projects import service
from showreel.films.projects.responses import VideoProject
from showreel.films.projects.rooms import MOTION_PROMPTS, RoomType
from showreel.films.projects.schemas import (
    ClipChange,
    ClipOrder,
    NewClip,
    NewProject,
    ProjectChange,
)
from showreel.identity import Caller
from tests.unit.films.support import (
    ANN,
    BASE,
    EVE,
    OTHER_WORKSPACE,
    WORKSPACE,
    Project,
    fault,
    objects,
    picture,
    rows,
    upload,
)


def create(**fields: Any) -> VideoProject:
    body = {"name": "Home", "workspaceId": WORKSPACE, **fields}
    return service.create(ANN, NewProject.model_validate(body), BASE)


def change(project_id: str, **fields: Any) -> VideoProject:
    return service.change(ANN, project_id, ProjectChange.model_validate(fields), BASE)


def add_clip(project_id: str, **fields: Any) -> Any:
    body = {"sourceImageUrl": upload(), **fields}
    return service.add_clip(ANN, project_id, NewClip.model_validate(body), BASE)


def change_clip(project_id: str, clip_id: str, **fields: Any) -> Any:
    return service.change_clip(ANN, project_id, clip_id, ClipChange.model_validate(fields), BASE)


def test_a_project_is_created_whole(cloud: Table) -> None:
    made = create(
        description="For sale",
        aspectRatio="9:16",
        resolution="720p",
        musicVolume=30,
        title="Home",
        logoUrl=upload(picture(kind="PNG"), kind="image/png"),
        clips=[
            {"sourceImageUrl": upload(), "roomType": "kitchen", "roomLabel": "The heart"},
            {"sourceImageUrl": upload(), "endImageUrl": upload(), "durationSeconds": 10},
        ],
    )
    read = service.get(ANN, made.id, BASE)
    assert read == made
    assert made.id.startswith("vp_")
    assert (made.status, made.clip_count, made.completed_clip_count) == ("draft", 2, 0)
    assert [clip.sequence_order for clip in made.clips] == [0, 1]
    kitchen, other = made.clips
    assert kitchen.id.startswith("clip_")
    assert kitchen.motion_prompt == MOTION_PROMPTS[RoomType.KITCHEN]
    assert (other.room_type, other.duration_seconds) == (RoomType.OTHER, 10)
    urls = [kitchen.source_image_url, other.source_image_url, other.end_image_url, made.logo_url]
    assert all(
        str(url).startswith(f"{BASE}/storage/v1/object/public/project-assets/") for url in urls
    )
    assert len(objects("project-assets/")) == 4


def test_the_wire_form_has_every_documented_field(project: Project) -> None:
    body = project(1).model_dump(mode="json", by_alias=True)
    assert set(body) == set(
        "id workspaceId name description aspectRatio fit musicTrackId resolution musicVolume "
        "generateNativeAudio model templateId title logoUrl clips status clipCount "
        "completedClipCount estimatedCost actualCost finalVideoUrl draftVideoUrl thumbnailUrl "
        "durationSeconds errorMessage triggerRunId missingClips createdAt updatedAt".split()
    )
    assert set(body["clips"][0]) == set(
        "id sequenceOrder sourceImageUrl endImageUrl roomType roomLabel motionPrompt "
        "transitionType durationSeconds fit status clipUrl transitionClipUrl errorMessage "
        "createdAt updatedAt".split()
    )


def test_fit_is_the_projects_and_a_clips_own(cloud: Table) -> None:
    photo = upload(picture(size=(400, 300)))
    clips = [{"sourceImageUrl": photo}, {"sourceImageUrl": photo, "fit": "crop"}]
    made = create(clips=clips)
    assert (made.fit, [clip.fit for clip in made.clips]) == ("auto", [None, "crop"])
    kept = {row["id"]: row for row in rows(cloud) if row["sk"].startswith("clip#")}
    assert [kept[clip.id]["source_size"] for clip in made.clips] == [[400, 300]] * 2
    assert change(made.id, fit="pad").fit == "pad"
    assert change_clip(made.id, made.clips[0].id, fit="auto").fit == "auto"
    assert change_clip(made.id, made.clips[1].id, fit=None).fit is None
    assert service.get(ANN, made.id, BASE).fit == "pad"
    wider = upload(picture(size=(480, 270)))
    change_clip(made.id, made.clips[0].id, sourceImageUrl=wider, endImageUrl=photo)
    row = next(row for row in rows(cloud) if row.get("id") == made.clips[0].id)
    assert (row["source_size"], row["end_size"]) == ([480, 270], [400, 300])
    change_clip(made.id, made.clips[0].id, endImageUrl=None)
    row = next(row for row in rows(cloud) if row.get("id") == made.clips[0].id)
    assert "end_size" not in row


def test_arrange_sorts_into_a_tour(cloud: Table) -> None:
    rooms = ["garden", "kitchen", "exterior", "other", "hallway", "kitchen"]
    clips = [{"sourceImageUrl": upload(), "roomType": room} for room in rooms]
    clips[1]["roomLabel"] = "First kitchen"
    made = create(clips=clips, arrange=True)
    assert [str(clip.room_type) for clip in made.clips] == [
        *["exterior", "hallway", "kitchen", "kitchen", "garden", "other"]
    ]
    assert made.clips[2].room_label == "First kitchen"


def test_a_template_gives_rooms_to_clips_that_have_none(cloud: Table) -> None:
    clips: list[dict[str, str]] = [{"sourceImageUrl": upload()} for _ in range(3)]
    clips[1]["roomType"] = "sauna"
    made = create(clips=clips, templateId="social-teaser")
    assert [str(clip.room_type) for clip in made.clips] == ["living-room", "sauna", "other"]
    empty = create(templateId="highlight-reel")
    assert empty.clips == []
    assert add_clip(empty.id).room_type == RoomType.EXTERIOR
    assert add_clip(empty.id).room_type == RoomType.LIVING_ROOM


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"model": "veo-99"}, "unknown_model"),
        ({"templateId": "grand-tour"}, "unknown_template"),
        ({"musicTrackId": "track_none"}, "unknown_music_track"),
        ({"model": "showreel/camera-motion", "generateNativeAudio": True}, "native_audio"),
        ({"clips": 21}, "too_many_clips"),
        ({"logoUrl": "http://example.com/a.png"}, "blocked_url"),
        ({"logoUrl": "https://127.0.0.1/a.png"}, "blocked_url"),
        ({"logoUrl": "https://user:pw@example.com/a.png"}, "blocked_url"),
        ({"logoUrl": "file:///etc/passwd"}, "blocked_url"),
        ({"logoUrl": f"{BASE}/storage/v1/object/public/uploads/{'x' * 32}.jpg"}, "media_not_found"),
    ],
)
def test_a_fault_costs_nothing_and_leaves_nothing(
    cloud: Table, fields: dict[str, Any], code: str
) -> None:
    clips = [{"sourceImageUrl": upload()} for _ in range(fields.pop("clips", 1))]
    before = len(rows(cloud))
    error = fault(lambda: create(clips=clips, **fields))
    assert isinstance(error, InvalidInput)
    assert error.code == code
    assert len(rows(cloud)) == before
    assert objects("project-assets/") == set()


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"just some text, named .jpg", "media_type"),
        (b"", "media_type"),
        (b"\xff\xd8\xff\xe0 a damaged picture", "media_invalid"),
        (picture(kind="GIF"), "media_type"),
    ],
)
def test_a_bad_picture_is_named_and_the_good_ones_are_gone_again(
    cloud: Table, data: bytes, code: str
) -> None:
    clips = [{"sourceImageUrl": upload()}, {"sourceImageUrl": upload(data)}]
    error = fault(lambda: create(clips=clips))
    assert error.code == code
    assert error.details["details"][0]["field"] == "clips.1.sourceImageUrl"
    assert objects("project-assets/") == set()
    assert not [row for row in rows(cloud) if row["pk"].startswith("film#")]


def test_another_tenants_upload_is_not_found(cloud: Table) -> None:
    foreign = upload(workspace_id=OTHER_WORKSPACE)
    error = fault(lambda: create(clips=[{"sourceImageUrl": foreign}]))
    assert error.code == "media_not_found"


def test_pictures_that_take_too_long_are_a_clear_error_and_removed_when_they_come(
    cloud: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    answered, removed = Event(), Event()

    def slow(*args: str) -> StoredImage:
        answered.wait(10)
        return assets.import_image(*args)

    def delete(keys: list[str]) -> None:
        assets.delete_assets(keys)
        removed.set()

    monkeypatch.setattr(pictures, "IMPORT_SECONDS", 0.05)
    monkeypatch.setattr(pictures, "import_image", slow)
    monkeypatch.setattr(pictures, "delete_assets", delete)
    error = fault(lambda: create(clips=[{"sourceImageUrl": upload()}]))
    answered.set()
    assert error.code == "media_unreachable"
    assert removed.wait(10)
    assert objects("project-assets/") == set()


@pytest.mark.parametrize(("error", "kept"), [(Transient("lost reply"), 1), (Conflict("late"), 0)])
def test_a_refused_write_takes_its_pictures_along_and_a_doubtful_one_keeps_them(
    cloud: Table, monkeypatch: pytest.MonkeyPatch, error: AppError, kept: int
) -> None:
    def broken(_: object) -> None:
        raise error

    monkeypatch.setattr(service.films(), "create", broken)
    assert fault(lambda: create(clips=[{"sourceImageUrl": upload()}])) is error
    assert len(objects("project-assets/")) == kept


@pytest.mark.parametrize("project_id", ["vp_none", "", "../x", "film#vp_1", "x" * 300, "vp_\x00"])
@pytest.mark.parametrize("caller", [ANN, EVE])
def test_missing_ids_are_not_found(cloud: Table, caller: Caller, project_id: str) -> None:
    error = fault(lambda: service.get(caller, project_id, BASE))
    assert (type(error), error.message) == (NotFound, "Video project not found")


def test_another_tenants_project_looks_like_a_missing_one(project: Project) -> None:
    made = project(1)
    clip_id = made.clips[0].id
    new_clip = NewClip.model_validate({"sourceImageUrl": upload(workspace_id=OTHER_WORKSPACE)})
    order = ClipOrder.model_validate({"clipIds": [clip_id]})
    calls = [
        lambda: service.get(EVE, made.id, BASE),
        lambda: service.change(EVE, made.id, ProjectChange.model_validate({"name": "Mine"}), BASE),
        lambda: service.delete(EVE, made.id),
        lambda: service.estimate_project(EVE, made.id),
        lambda: service.add_clip(EVE, made.id, new_clip, BASE),
        lambda: service.change_clip(EVE, made.id, clip_id, ClipChange.model_validate({}), BASE),
        lambda: service.remove_clip(EVE, made.id, clip_id),
        lambda: service.reorder(EVE, made.id, order, BASE),
    ]
    for call in calls:
        error = fault(call)
        assert (type(error), error.message) == (NotFound, "Video project not found")
    assert service.get(ANN, made.id, BASE) == made


def test_a_foreign_workspace_gets_no_project_and_shows_none(cloud: Table) -> None:
    request = NewProject.model_validate({"name": "Home", "workspaceId": OTHER_WORKSPACE})
    assert isinstance(fault(lambda: service.create(ANN, request, BASE)), NotFound)
    error = fault(lambda: service.list_projects(ANN, OTHER_WORKSPACE, 10, None, BASE))
    assert isinstance(error, NotFound)


def test_a_list_goes_on_where_it_stopped(project: Project) -> None:
    made = {project().id for _ in range(5)}
    first = service.list_projects(ANN, WORKSPACE, 3, None, BASE)
    rest = service.list_projects(ANN, WORKSPACE, 3, first.next_cursor, BASE)
    assert {item.id for item in (*first.items, *rest.items)} == made
    assert rest.next_cursor is None


def test_a_change_touches_only_what_it_names(project: Project) -> None:
    made = project(1, description="Old", musicVolume=20)
    after = change(made.id, name="Villa", description=None)
    assert (after.name, after.description, after.music_volume) == ("Villa", None, 20)
    assert service.get(ANN, made.id, BASE).name == "Villa"


def test_a_new_logo_replaces_the_old_ones_file(project: Project) -> None:
    made = project(0, logoUrl=upload())
    same = change(made.id, logoUrl=made.logo_url)
    assert same.logo_url == made.logo_url
    changed = change(made.id, logoUrl=upload(picture("red")))
    assert changed.logo_url != made.logo_url
    assert len(objects("project-assets/")) == 1
    assert change(made.id, logoUrl=None).logo_url is None
    assert objects("project-assets/") == set()


def test_changing_the_room_resets_the_prompt_unless_one_is_given(project: Project) -> None:
    made = project(1)
    clip_id = made.clips[0].id
    assert (
        change_clip(made.id, clip_id, roomType="sauna").motion_prompt
        == MOTION_PROMPTS[RoomType.SAUNA]
    )
    own = change_clip(made.id, clip_id, roomType="gym", motionPrompt="Slow pan left.")
    assert own.motion_prompt == "Slow pan left."
    assert change_clip(made.id, clip_id, roomType="gym").motion_prompt == "Slow pan left."
    assert change_clip(made.id, clip_id, roomLabel="Dojo").motion_prompt == "Slow pan left."
    cleared = change_clip(made.id, clip_id, motionPrompt=None)
    assert cleared.motion_prompt == MOTION_PROMPTS[RoomType.GYM]


def test_a_new_picture_replaces_the_old_ones_file(project: Project) -> None:
    made = project(1)
    clip = made.clips[0]
    assert change_clip(made.id, clip.id, sourceImageUrl=clip.source_image_url).source_image_url == (
        clip.source_image_url
    )
    changed = change_clip(made.id, clip.id, sourceImageUrl=upload(picture("red")))
    assert changed.source_image_url != clip.source_image_url
    assert len(objects("project-assets/")) == 1
    assert change_clip(made.id, clip.id, endImageUrl=upload()).end_image_url
    assert change_clip(made.id, clip.id, endImageUrl=None).end_image_url is None
    assert len(objects("project-assets/")) == 1


def test_an_end_picture_that_the_model_would_drop_is_refused(project: Project) -> None:
    clip = {"sourceImageUrl": upload(), "endImageUrl": upload()}
    plain, ending = (
        create(model="wan2.1-i2v-720p", clips=[{**clip, "endImageUrl": None}]),
        project(1),
    )
    change_clip(ending.id, ending.clips[0].id, endImageUrl=upload())
    kept = objects("project-assets/")
    for call in (
        lambda: create(model="wan2.1-i2v-720p", clips=[clip]),
        lambda: add_clip(plain.id, endImageUrl=upload()),
        lambda: change_clip(plain.id, plain.clips[0].id, endImageUrl=upload()),
        lambda: change(ending.id, model="wan2.1-i2v-720p"),
    ):
        error = fault(call)
        assert isinstance(error, InvalidInput)
        assert error.code == "end_image"
        assert error.details["details"][0]["field"] == "endImageUrl"
    assert objects("project-assets/") == kept


def test_clips_are_added_removed_and_reordered(project: Project) -> None:
    made = project(2)
    first, second = (clip.id for clip in made.clips)
    third = add_clip(made.id, roomType="terrace")
    assert third.sequence_order == 2
    order = ClipOrder.model_validate({"clipIds": [third.id, first, second]})
    after = service.reorder(ANN, made.id, order, BASE)
    assert [clip.id for clip in after.clips] == [third.id, first, second]
    service.remove_clip(ANN, made.id, first)
    after = service.get(ANN, made.id, BASE)
    assert [(clip.id, clip.sequence_order) for clip in after.clips] == [(third.id, 0), (second, 1)]
    assert len(objects("project-assets/")) == 2
    assert isinstance(fault(lambda: service.remove_clip(ANN, made.id, first)), NotFound)


def test_a_21st_clip_is_refused_before_its_picture_is_fetched(project: Project) -> None:
    made = project(20)
    request = NewClip.model_validate({"sourceImageUrl": "https://unreachable.example.com/a.jpg"})
    error = fault(lambda: service.add_clip(ANN, made.id, request, BASE))
    assert error.code == "too_many_clips"
    assert len(objects("project-assets/")) == 20


def test_nothing_changes_while_a_run_has_the_project(project: Project) -> None:
    made = project(1)
    films = service.films()
    transact([films.start_write(films.load_project(made.id), "run_1", "queued", {})])
    clip_id = made.clips[0].id
    order = ClipOrder.model_validate({"clipIds": [clip_id]})
    calls = [
        lambda: change(made.id, name="Villa"),
        lambda: service.delete(ANN, made.id),
        lambda: add_clip(made.id),
        lambda: change_clip(made.id, clip_id, roomType="gym"),
        lambda: service.remove_clip(ANN, made.id, clip_id),
        lambda: service.reorder(ANN, made.id, order, BASE),
    ]
    for call in calls:
        error = fault(call)
        assert (error.status, error.code) == (409, "project_running")
    assert len(objects("project-assets/")) == 1


def test_deleting_leaves_no_row_and_no_object(project: Project, cloud: Table) -> None:
    uploads_before = objects()
    made = project(2, logoUrl=upload())
    uploads = objects("uploads/")
    storage, films = assets.storage(), service.films()
    for key in ("final-videos/film.mp4", "work/clip.mp4", "generation-videos/clip.mp4"):
        storage.put(key, b"video", "video/mp4")
    project = films.load_project(made.id)
    transact([films.start_write(project, "run_1", "queued", {})])
    finished = {"final_video_key": "final-videos/film.mp4"}
    transact([films.run_write(made.id, "run_1", "completed", finished)])
    films.set_clip(made.id, made.clips[0].id, clip_key="generation-videos/clip.mp4")
    films.set_clip(made.id, made.clips[0].id, made={"key": "hash", "asset_key": "work/clip.mp4"})
    service.delete(ANN, made.id)
    assert objects() == uploads | uploads_before
    assert not [row for row in rows(cloud) if row["pk"].startswith("film#")]
    assert isinstance(fault(lambda: service.delete(ANN, made.id)), NotFound)


def test_a_deletion_cut_short_is_finished_by_asking_again(
    project: Project, cloud: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = project(1)

    def broken(_: object) -> None:
        raise Transient("S3 is busy")

    with monkeypatch.context() as patch:
        patch.setattr(service, "delete_assets", broken)
        assert isinstance(fault(lambda: service.delete(ANN, made.id)), Transient)
    assert isinstance(fault(lambda: service.get(ANN, made.id, BASE)), NotFound)
    assert isinstance(fault(lambda: service.delete(EVE, made.id)), NotFound)
    service.delete(ANN, made.id)
    assert objects("project-assets/") == set()
    assert not [row for row in rows(cloud) if row["pk"].startswith("film#")]


def test_replaced_pictures_are_removed_every_time(project: Project) -> None:
    made = project(1)
    for colour in ("red", "green", "blue"):
        change_clip(made.id, made.clips[0].id, sourceImageUrl=upload(picture(colour)))
        assert len(objects("project-assets/")) == 1


def test_a_label_that_looks_like_a_key_deletes_nothing(project: Project) -> None:
    victim = assets.import_image(
        OTHER_WORKSPACE, upload(workspace_id=OTHER_WORKSPACE), BASE, "film#vp_2"
    ).key
    made = project(1, description=victim)
    change_clip(made.id, made.clips[0].id, roomLabel=victim, motionPrompt=victim)
    service.delete(ANN, made.id)
    assert victim in objects()


def test_the_estimate_follows_the_project(project: Project) -> None:
    made = project(3, generateNativeAudio=True)
    result = service.estimate_project(ANN, made.id)
    body = result.model_dump(mode="json", by_alias=True)
    assert body == {
        "clipsCents": 105,
        "audioCents": 105,
        "transitionsCents": 70,
        "totalCents": 280,
        "credits": 219,
        "limitMinutes": 30,
    }
