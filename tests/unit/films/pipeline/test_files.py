"""Files of a film that are gone are found before anything is held for it."""

from collections.abc import Iterator
from unittest.mock import Mock

import pytest

from showreel.assets import service as assets
from showreel.assets.images import sanitize
from showreel.core.errors import MediaError
from showreel.films.pipeline import start
from showreel.films.pipeline.files import find_gone, require_files, with_sizes, without_gone
from showreel.films.pipeline.pieces import Pieces
from showreel.films.pipeline.plan import make_plan
from showreel.films.pipeline.steps import PieceTokenTask
from showreel.films.projects.models import Film
from showreel.generation.models import JobRequest
from showreel.runs.models import Run
from tests.support.cloud import client
from tests.unit.films.pipeline.conftest import store_plan
from tests.unit.films.pipeline.support import make_plan as planned
from tests.unit.films.support import film, picture

LOGO = "project-assets/logo-0123456789abcdef.jpg"


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    assets.storage.cache_clear()
    yield
    assets.storage.cache_clear()


def put(*keys: str | None) -> None:
    for key in keys:
        client("s3").put_object(Bucket="media-bucket", Key=key, Body=b"data")


def with_logo(clips: int) -> Film:
    made = film(clips)
    return made.model_copy(update={"project": made.project.model_copy(update={"logo_key": LOGO})})


def refused(whole: Film) -> list[str]:
    gone = find_gone(whole)
    plan = make_plan(without_gone(whole, gone), "run_1", draft=False)
    with pytest.raises(MediaError) as raised:
        require_files(plan, gone)
    assert (raised.value.status, raised.value.code) == (400, "media_not_found")
    return [fault["field"] for fault in raised.value.details["details"]]


def test_every_file_that_is_gone_is_named(wired: Pieces) -> None:
    whole = with_logo(3)
    put(whole.clips[0].source_key, whole.clips[2].source_key)
    assert refused(whole) == ["logoUrl", "clips.1.sourceImageUrl"]
    put(LOGO, whole.clips[1].source_key)
    require_files(make_plan(whole, "run_1", draft=False), find_gone(whole))


def test_a_made_clip_needs_no_picture_and_a_lost_one_is_made_and_paid_again(wired: Pieces) -> None:
    whole = film(1)
    key = make_plan(whole, "run_1", draft=False).clips[0].key
    made = film(1, made={"key": key, "asset_key": "generation-videos/a.mp4"})
    put("generation-videos/a.mp4")
    gone = find_gone(made)
    plan = make_plan(without_gone(made, gone), "run_1", draft=False)
    assert (gone, plan.credits) == ({made.clips[0].source_key}, 0)
    require_files(plan, gone)
    client("s3").delete_object(Bucket="media-bucket", Key="generation-videos/a.mp4")
    put(made.clips[0].source_key)
    gone = find_gone(made)
    assert make_plan(without_gone(made, gone), "run_1", draft=False).credits == 30


def test_rows_that_are_older_than_fit_get_their_pictures_sizes(wired: Pieces) -> None:
    whole = film(2, end_key="project-assets/end-0123456789abcdef.jpg")
    for key, size in ((whole.clips[0].source_key, (400, 300)), (whole.clips[0].end_key, (64, 36))):
        data = sanitize(picture(size=size)).data
        client("s3").put_object(Bucket="media-bucket", Key=key, Body=data)
    put(LOGO)
    first, second = with_sizes(whole).clips
    assert (first.source_size, first.end_size) == ((400, 300), (64, 36))
    assert (second.source_size, second.end_size) == (None, (64, 36)), "its own is gone"
    known = film(1, source_size=(160, 90))
    assert with_sizes(known) == known


def test_a_clip_is_ordered_with_its_own_picture_and_what_becomes_of_it(
    wired: Pieces, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    ordered: list[JobRequest] = []
    monkeypatch.setattr(start, "start_job", lambda request, _arn: ordered.append(request))
    monkeypatch.setattr(start.context, "films", Mock)
    monkeypatch.setattr(start.context, "config", lambda: Mock(clip_concurrency=3))
    plan = planned([])
    clip = plan.clips[0].model_copy(update={"fit": "pad"})
    store_plan(wired, plan.model_copy(update={"clips": (clip,)}))
    start.start_clip(PieceTokenTask(run_id=run.id, index=0, token="token"), "arn")
    wanted = ordered[0].wanted
    assert (wanted.image_key, wanted.fit) == (clip.source_key, "pad")
    assert wanted.picture_size == (1600, 900)
