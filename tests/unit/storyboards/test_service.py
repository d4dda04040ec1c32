"""Use cases: who sees a storyboard, what may be in it, and its reference image."""

from typing import Any

import pytest

from showreel.core.dynamo import Table
from showreel.core.errors import AppError, IdempotencyMismatch, NotFound, Transient
from showreel.storyboards import service
from showreel.storyboards.access import require_scene_of, shot_media, storyboards
from showreel.storyboards.names import named_by_shots, named_by_storyboards
from showreel.storyboards.once import NewRow
from showreel.storyboards.responses import Storyboard
from showreel.storyboards.rows import shot_pk, storyboard_pk
from showreel.storyboards.schemas import (
    NewStoryboard,
    SceneFields,
    SceneOrder,
    ShotFields,
    ShotOrder,
    StoryboardChange,
)
from tests.support.sounds import wav
from tests.unit.films.support import ANN, BASE, EVE, WORKSPACE, fault, objects, upload
from tests.unit.storyboards.support import made

pytestmark = pytest.mark.usefixtures("cloud")


def sound() -> str:
    return upload(wav(), kind="audio/wav")


def project(**fields: Any) -> Storyboard:
    body = {"workspaceId": WORKSPACE, "title": "Heist", **fields}
    return service.create_project(ANN, NewStoryboard.model_validate(body), BASE)


def scene(project_id: str, **fields: Any) -> str:
    return service.create_scene(ANN, project_id, SceneFields.model_validate(fields)).id


def shot(scene_id: str, **fields: Any) -> str:
    return service.create_shot(ANN, scene_id, ShotFields.model_validate(fields), BASE).id


def test_a_storyboard_is_read_as_it_was_written() -> None:
    fields = {
        "format": "short film",
        "genre": "noir",
        "tone": "dry",
        "concept": "A thief\nwho paints.",
        "aspectRatio": "9:16",
        "videoStyle": "grainy 16 mm",
        "characters": [{"name": "Mara", "description": "red coat"}, {"name": "Ilya"}],
    }
    made_ = project(**fields)
    read = service.get_project(ANN, made_.id, BASE).model_dump(by_alias=True)
    assert {name: read[name] for name in fields} == fields | {
        "characters": [*fields["characters"][:1], {"name": "Ilya", "description": None}]
    }
    scene_id = scene(made_.id, title="Roof", weather="rain", voiceover="It began here.")
    seen = service.get_scene(ANN, scene_id)
    assert (seen.scene_number, seen.weather, seen.project_id) == (1, "rain", made_.id)
    shot_id = shot(scene_id, shot_type="close_up", duration_ms=4000, dialogue="Now.")
    read_shot = service.get_shot(ANN, shot_id, BASE).model_dump(by_alias=True)
    assert read_shot["shot_number"] == 1
    assert (read_shot["shot_type"], read_shot["duration_ms"]) == ("close_up", 4000)
    assert (read_shot["image_status"], read_shot["image_url"]) == ("pending", None)
    assert (read_shot["status"], read_shot["source"]) == ("ready", "user")


def test_a_change_changes_what_it_names_and_null_clears() -> None:
    made_ = project(genre="noir", tone="dry", characters=[{"name": "Mara"}])
    change = StoryboardChange.model_validate({"tone": None, "characters": [], "title": "Loot"})
    after = service.change_project(ANN, made_.id, change, BASE)
    assert (after.title, after.genre, after.tone, after.characters) == ("Loot", "noir", None, [])
    scene_id = scene(made_.id, title="Roof", weather="rain")
    changed = service.change_scene(ANN, scene_id, SceneFields.model_validate({"weather": None}))
    assert (changed.title, changed.weather, changed.scene_number) == ("Roof", None, 1)
    shot_id = shot(scene_id, prompt_idea="She runs", dialogue="Now.")
    wish = ShotFields.model_validate({"dialogue": None, "visual_prompt": "A woman runs"})
    seen = service.change_shot(ANN, shot_id, wish, BASE)
    assert (seen.prompt_idea, seen.dialogue, seen.visual_prompt) == (
        "She runs",
        None,
        "A woman runs",
    )
    assert seen == service.get_shot(ANN, shot_id, BASE)
    no_title = StoryboardChange.model_validate({"title": None})
    assert fault(lambda: service.change_project(ANN, made_.id, no_title, BASE)).status == 400


def attempts(project_id: str, scene_id: str, shot_id: str) -> list[Any]:
    """Everything that names a project, scene or shot, as somebody else."""
    return [
        lambda: service.get_project(EVE, project_id, BASE),
        lambda: service.change_project(EVE, project_id, StoryboardChange(), BASE),
        lambda: service.delete_project(EVE, project_id),
        lambda: service.create_scene(EVE, project_id, SceneFields()),
        lambda: service.list_scenes(EVE, project_id, 10, None),
        lambda: service.order_scenes(EVE, project_id, SceneOrder(scene_ids=[])),
        lambda: service.get_scene(EVE, scene_id),
        lambda: service.change_scene(EVE, scene_id, SceneFields()),
        lambda: service.delete_scene(EVE, scene_id),
        lambda: service.create_shot(EVE, scene_id, ShotFields(), BASE),
        lambda: service.list_shots(EVE, scene_id, 10, None, BASE),
        lambda: service.order_shots(EVE, scene_id, ShotOrder(shot_ids=[])),
        lambda: service.get_shot(EVE, shot_id, BASE),
        lambda: service.change_shot(EVE, shot_id, ShotFields(), BASE),
        lambda: service.delete_shot(EVE, shot_id),
        lambda: service.list_versions(EVE, shot_id, None, 10, None, BASE),
        lambda: service.restore_version(EVE, shot_id, "image-1", BASE),
    ]


def test_what_is_foreign_is_like_what_is_missing() -> None:
    made_ = project()
    scene_id = scene(made_.id)
    shot_id = shot(scene_id)
    foreign = attempts(made_.id, scene_id, shot_id)
    nobodys = attempts("missing", "missing", "missing")
    for theirs, missing in zip(foreign, nobodys, strict=True):
        told, expected = fault(theirs), fault(missing)
        assert isinstance(told, NotFound)
        assert (told.message, told.code) == (expected.message, expected.code)
    assert service.get_shot(ANN, shot_id, BASE).shot_number == 1


def test_a_scene_of_another_project_is_not_found() -> None:
    first, second = project(), project()
    scene_id = scene(second.id)
    mine = storyboards().project(first.id)
    for scene_of in (scene_id, "missing", None):
        with pytest.raises(NotFound):
            require_scene_of(mine, scene_of)
    own = [scene(first.id), scene(first.id)]
    service.order_scenes(ANN, first.id, SceneOrder(scene_ids=own[::-1]))
    assert require_scene_of(mine, None).id == own[1]


def test_the_reference_image_is_a_copy_that_goes_with_its_project(cloud: Table) -> None:
    sent = upload()
    made_ = project(referenceImageUrl=sent)
    first = made_.reference_image_url
    assert first is not None
    assert first != sent
    same = StoryboardChange.model_validate({"referenceImageUrl": first})
    assert service.change_project(ANN, made_.id, same, BASE).reference_image_url == first
    owner = storyboard_pk(made_.id)
    (key,) = objects("project-assets/")
    assert key in named_by_storyboards(cloud, [owner])[owner]
    other = StoryboardChange.model_validate({"referenceImageUrl": upload()})
    second = service.change_project(ANN, made_.id, other, BASE).reference_image_url
    assert second not in {None, first}
    assert len(objects("project-assets/")) == 1
    service.delete_project(ANN, made_.id)
    assert objects("project-assets/") == set()
    assert named_by_storyboards(cloud, [owner]) == {}


def test_a_picture_that_is_refused_leaves_no_project() -> None:
    error = fault(lambda: project(referenceImageUrl=upload(b"not a picture")))
    assert isinstance(error, AppError)
    assert error.details["details"][0]["field"] == "referenceImageUrl"
    assert service.list_projects(ANN, WORKSPACE, 10, None, BASE).items == []


def test_what_was_made_for_a_shot_is_named_until_the_shot_is_deleted(cloud: Table) -> None:
    shot_id = shot(scene(project().id))
    row = storyboards().shot(shot_id).shot
    results = [made(f"job-{number}") for number in range(2)]
    for result in results:
        assert shot_media().lock(row, "image", result.job_id, origins=("pending", "completed"))
        assert shot_media().complete(shot_id, "image", result)
    owner = shot_pk(shot_id)
    assert all(result.key in named_by_shots(cloud, [owner])[owner] for result in results)
    versions = service.list_versions(ANN, shot_id, None, 10, None, BASE)
    assert [(one.id, one.is_current) for one in versions.items] == [
        ("image-2", True),
        ("image-1", False),
    ]
    restored = service.restore_version(ANN, shot_id, "image-1", BASE)
    assert restored.image_url == restored.thumbnail == versions.items[1].url
    service.delete_shot(ANN, shot_id)
    assert named_by_shots(cloud, [owner]) == {}


def test_what_an_author_sends_is_a_version_too() -> None:
    scene_id = scene(project().id)
    made_ = service.create_shot(ANN, scene_id, ShotFields(image_url=upload()), BASE)
    assert (made_.image_status, made_.thumbnail) == ("completed", made_.image_url)
    change = ShotFields.model_validate({"image_url": upload(), "audio_url": sound(), "title": "x"})
    after = service.change_shot(ANN, made_.id, change, BASE)
    assert (after.title, after.audio_status) == ("x", "completed")
    assert after.image_url not in {made_.image_url, change.image_url, None}
    same = ShotFields.model_validate({"image_url": after.image_url, "title": "y"})
    assert service.change_shot(ANN, made_.id, same, BASE).image_url == after.image_url
    versions = service.list_versions(ANN, made_.id, "image", 10, None, BASE).items
    assert [version.url for version in versions] == [after.image_url, made_.image_url]
    none = service.change_shot(ANN, made_.id, ShotFields.model_validate({"image_url": None}), BASE)
    assert (none.image_status, none.image_url, none.audio_url) == (
        "pending",
        None,
        after.audio_url,
    )
    again = service.restore_version(ANN, made_.id, "image-1", BASE)
    assert (again.image_status, again.image_url) == ("completed", made_.image_url)


def test_a_shot_with_a_file_that_is_refused_is_not_written() -> None:
    scene_id = scene(project().id)
    body = {"image_url": upload(), "video_url": upload()}  # a picture is no video
    wish = ShotFields.model_validate(body)
    error = fault(lambda: service.create_shot(ANN, scene_id, wish, BASE))
    assert error.details["details"][0]["field"] == "video_url"
    assert service.list_shots(ANN, scene_id, 10, None, BASE).items == []
    assert objects("project-assets/") == set()


def test_what_an_author_sends_while_a_job_works_is_shown_until_then() -> None:
    shot_id = shot(scene(project().id))
    assert shot_media().lock(storyboards().shot(shot_id).shot, "image", "job-1")
    own = ShotFields.model_validate({"image_url": upload()})
    shown = service.change_shot(ANN, shot_id, own, BASE)
    assert (shown.image_status, shown.image_url is not None) == ("generating", True)
    result = made("job-1")
    assert shot_media().complete(shot_id, "image", result)
    after = service.get_shot(ANN, shot_id, BASE)
    assert str(after.image_url).endswith(result.key)
    assert len(service.list_versions(ANN, shot_id, None, 10, None, BASE).items) == 2


def test_a_key_makes_one_of_each() -> None:
    wish = {"workspaceId": WORKSPACE, "title": "Heist", "referenceImageUrl": upload()}
    body = NewStoryboard.model_validate(wish)
    first, again = (service.create_project(ANN, body, BASE, "key") for _ in range(2))
    assert first == again
    scenes = [service.create_scene(ANN, first.id, SceneFields(title="a"), "key") for _ in range(2)]
    assert scenes[0] == scenes[1]
    shot_wish = ShotFields(image_url=upload(), title="a")
    scene_id = scenes[0].id
    shots = [service.create_shot(ANN, scene_id, shot_wish, BASE, "key") for _ in range(2)]
    assert (shots[0], shots[0].image_status) == (shots[1], "completed")
    assert len(service.list_versions(ANN, shots[0].id, None, 10, None, BASE).items) == 1
    assert len(objects("project-assets/")) == 2
    other = service.create_shot(ANN, scene_id, shot_wish, BASE, "key 2")
    assert (other.shot_number, other.id == shots[0].id) == (2, False)
    for refused in (
        lambda: service.create_project(ANN, body.model_copy(update={"title": "b"}), BASE, "key"),
        lambda: service.create_scene(ANN, first.id, SceneFields(title="b"), "key"),
        lambda: service.create_shot(ANN, scene_id, ShotFields(title="b"), BASE, "key"),
    ):
        assert fault(refused).status == 422


def test_a_shot_whose_creation_died_before_its_picture_gets_it_by_the_same_key(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def die(*_: object) -> None:
        raise Transient("the process died")

    scene_id, wish = scene(project().id), ShotFields(image_url=upload())
    with monkeypatch.context() as patch:
        patch.setattr(service, "show", die)
        assert fault(lambda: service.create_shot(ANN, scene_id, wish, BASE, "key")).status == 503
    made_ = service.create_shot(ANN, scene_id, wish, BASE, "key")
    assert (made_.shot_number, made_.image_status) == (1, "completed")


@pytest.mark.parametrize(
    ("model", "field", "value"),
    [
        (NewStoryboard, "title", "a\u202eb"),
        (NewStoryboard, "title", ""),
        (NewStoryboard, "title", "x" * 201),
        (NewStoryboard, "concept", "x" * 5001),
        (NewStoryboard, "tone", "a\nb"),
        (NewStoryboard, "aspectRatio", "2:1"),
        (NewStoryboard, "characters", [{"name": "x"}] * 13),
        (NewStoryboard, "characters", [{"name": "a\0"}]),
        (SceneFields, "voiceover", "\u2066"),
        (SceneFields, "location", "x" * 2001),
        (ShotFields, "shot_type", "selfie"),
        (ShotFields, "duration_ms", 499),
        (ShotFields, "duration_ms", 4000.5),
        (ShotFields, "duration_ms", "4000"),
        (ShotFields, "visual_prompt", "x" * 2501),
        (ShotFields, "dialogue", "\u2029"),
        (ShotOrder, "shot_ids", ["x"] * 501),
        (ShotOrder, "shot_ids", ["a b"]),
    ],
)
def test_what_is_too_long_or_hidden_is_refused(model: Any, field: str, value: Any) -> None:
    body = {"workspaceId": WORKSPACE, "title": "Heist"} if model is NewStoryboard else {}
    with pytest.raises(ValueError, match=field):
        model.model_validate(body | {field: value})


@pytest.mark.parametrize("what", ["project", "scene", "shot"])
def test_of_two_bodies_under_one_key_at_once_one_is_made(
    monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    project_id = project().id
    scene_id = scene(project_id)

    def make(title: str) -> tuple[str, str | None]:
        if what == "project":
            body = {"workspaceId": WORKSPACE, "title": title}
            row = service.create_project(ANN, NewStoryboard.model_validate(body), BASE, "key")
            return row.id, row.title
        if what == "scene":
            fields = SceneFields.model_validate({"title": title})
            view = service.create_scene(ANN, project_id, fields, "key")
            return view.id, view.title
        shot_fields = ShotFields.model_validate({"dialogue": title})
        shown = service.create_shot(ANN, scene_id, shot_fields, BASE, "key")
        return shown.id, shown.dialogue

    # all of them have looked before one of them writes
    monkeypatch.setattr(NewRow, "made_before", lambda _row, _find: None)
    made_ = make("one")
    assert make("one") == made_
    with pytest.raises(IdempotencyMismatch):
        make("two")
    assert make("one") == made_


def test_a_project_that_is_there_is_returned_as_it_is() -> None:
    there = storyboards().project(project(title="first").id)
    other = there.model_copy(update={"title": "second", "request_digest": "other"})
    assert storyboards().create_project(other) == there
    with pytest.raises(IdempotencyMismatch):
        NewRow(there.id, "other").same(there)
