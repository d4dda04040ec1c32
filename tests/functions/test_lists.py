"""Every list of the API: its pages together are the list, and only its own cursors are taken."""

import base64
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from moto.dynamodb.models import dynamodb_backends

from showreel.core import dynamo
from showreel.core.dynamo import Table, transact
from showreel.core.ids import new_id
from showreel.credits.ledger import Ledger
from showreel.films.pipeline.view import film_view
from showreel.generation import engine
from showreel.generation.service import new_job
from showreel.identity import Caller, invitations, service
from showreel.identity.models import CreateWorkspace, Invite, SetMember
from showreel.runs.models import Run
from showreel.runs.store import Runs
from showreel.storyboards.media import ShotMedia
from showreel.storyboards.store import StoryboardStore
from tests.support.cloud import ACCOUNT, REGION
from tests.unit.generation.support import request as order
from tests.unit.storyboards.support import made, project_row, scene_row, shot_row

from .conftest import Invoke, header

ROWS = 5
FEW, MANY, PAGES = 10, 100, 3
RUN_ID = "run_000000"
PROJECT = {"name": "Home", "owner_user_id": "user-1", "updated_at": "2026-01-01T00:00:00.000Z"}
STORYBOARD = {"title": "Heist", "owner_user_id": "user-1", "updated_at": PROJECT["updated_at"]}
TRACK = {"name": "Song", "audio_key": "audio/1.mp3"}


@dataclass(frozen=True)
class List:
    """A list: the function that answers it, its path, whether it has more than one page, and
    whether there is a most that it can hold.
    """

    function: str
    path: str
    is_paged: bool = True
    is_bounded: bool = False
    query: dict[str, str] = field(default_factory=dict)


LISTS = [
    List("workspaces", "/api/workspaces"),
    List("workspaces", "/api/workspaces/{workspaceId}/members"),
    List("workspaces", "/api/workspaces/{workspaceId}/invitations"),
    List("me", "/api/invitations"),
    List("video_projects", "/api/video-projects"),
    List("video_templates", "/api/video-templates", is_paged=False),
    List("music_tracks", "/api/music-tracks"),
    List("projects", "/api/projects"),
    List("scenes", "/api/projects/{workspaceId}/scenes", is_bounded=True),
    List("shots", "/api/scenes/{workspaceId}-0/shots", is_bounded=True),
    List("shots", "/api/shots/{workspaceId}-0/versions"),
    List("jobs", "/api/jobs"),
    List("credits", "/api/credits/ledger"),
    List("model_catalog", "/functions/v1/model-catalog", query={"search": "kling o3"}),
]
OWN = [which for which in LISTS if which.is_paged and not which.query]
"""Lists of what a workspace or a user has."""
GROWING = [
    *(which for which in OWN if not which.is_bounded),
    List("credits", "/api/credits", is_paged=False),
    List("runs", f"/api/runs/{RUN_ID}", is_paged=False),
]
"""What a workspace's or a user's history could make longer."""
Read = Callable[..., tuple[int, Any, str | None]]


@pytest.fixture(autouse=True)
def fresh(cloud: None) -> Iterator[None]:
    engine.jobs.cache_clear()
    yield
    engine.jobs.cache_clear()


def filled(user_id: str) -> str:
    """A workspace of the user with some rows in each of its lists."""
    made = [
        service.create_workspace(Caller(user_id), CreateWorkspace(name=str(number))).id
        for number in range(ROWS)
    ]
    workspace_id = made[0]
    fill_with_people(user_id, made)
    kinds = [
        ("studio", "film", "project", "video_project", PROJECT),
        ("studio", "music_track", "track", "music_track", TRACK),
        ("studio", "storyboard", "project", "storyboard", STORYBOARD),
    ]
    fill_with_scenes(workspace_id)
    for number in range(ROWS):
        at = {"created_at": f"2026-01-01T00:00:00.00{number}Z"}
        for table, prefix, sort_key, name, row in kinds:
            id_ = f"row-{workspace_id[:8]}-{number}"
            keys = {"pk": f"{prefix}#{id_}", "sk": sort_key, "list_key": f"{workspace_id}#{name}"}
            about = {"id": id_, "job_id": id_, "workspace_id": workspace_id}
            Table(table).put({**row, **about, **keys, **at})
        job = new_job(order(new_id(), workspace_id=workspace_id, parent_token=None)).model_copy(
            update=at
        )
        transact([engine.jobs().create_write(job)])
        Ledger(Table("credits")).grant(workspace_id, 1, f"grant-{number}")
    return workspace_id


def fill_with_people(user_id: str, workspace_ids: list[str]) -> None:
    """Members and invitations of the first workspace, and invitations of the user's own."""
    for number, workspace_id in enumerate(workspace_ids):
        person = f"person-{number}"
        add = SetMember(user_id=f"member-{number}", role="member")
        service.set_member(Caller(user_id, is_service=True), workspace_ids[0], add)
        invitations.invite(Caller(user_id), workspace_ids[0], Invite(user_id=person))
        theirs = service.create_workspace(Caller(person), CreateWorkspace(name=workspace_id))
        invitations.invite(Caller(person), theirs.id, Invite(user_id=user_id))


def fill_with_scenes(workspace_id: str) -> None:
    """A project named as its workspace, scenes, the first one's shots, the first one's versions."""
    store, media = StoryboardStore(Table("studio")), ShotMedia(Table("studio"))
    about = {"project_id": workspace_id, "workspace_id": workspace_id}
    store.create_project(project_row(workspace_id, workspace_id=workspace_id))
    for number in range(ROWS):
        store.add_scene(scene_row(f"{workspace_id}-{number}", **about))
    scene_id = f"{workspace_id}-0"
    rows = [shot_row(f"{workspace_id}-{n}", scene_id=scene_id, **about) for n in range(ROWS)]
    shot, *_ = store.add_shots(rows)
    for number in range(ROWS):
        job_id = f"job-{number}"
        assert media.lock(shot, "image", job_id, origins=("pending", "completed"))
        assert media.complete(shot.id, "image", made(job_id))


def grow(table_name: str, id_: str, rows: int) -> None:
    """Copies the rows under an id so often, behind DynamoDB's API, which would take minutes."""
    table = dynamodb_backends[ACCOUNT][REGION].tables[table_name]
    found = [item.to_json()["Attributes"] for item in list(table.all_items())]
    for text in [json.dumps(item) for item in found if id_ in f"{item['pk']} {item['sk']}"]:
        for number in range(rows):
            table.put_item(json.loads(text.replace(id_, f"{id_[:-6]}{number:06}")))


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often DynamoDB was called, by operation, and how many rows it read."""
    counted: Counter[str] = Counter()
    call = dynamo._call

    def spy(operation: str, **asked: Any) -> Any:
        answer = call(operation, **asked)
        counted[operation] += 1
        counted["rows"] += answer.get("ScannedCount", 1)
        return answer

    monkeypatch.setattr(dynamo, "_call", spy)
    return counted


def test_what_a_list_reads_does_not_grow_with_it(
    read: Read, reads: Counter[str], subtests: pytest.Subtests
) -> None:
    workspace_id = filled("user-1")
    other = service.create_workspace(Caller("user-1"), CreateWorkspace(name="other")).id
    (job, *_), _ = engine.jobs().page(workspace_id, 1)
    ledger = Ledger(Table("credits"))
    ledger.grant(workspace_id, 2, "grant-000000")
    for hold_id in ("open-000000", "closed-000000"):
        ledger.hold(workspace_id, hold_id, 1)
    ledger.close(workspace_id, "closed-000000", "posted")
    transact(Runs(Table("runs"), film_view).create_writes(run(workspace_id)))
    grown = [
        ("identity", other),
        ("studio", f"row-{workspace_id[:8]}-0"),
        ("studio", "image#00000001"),
        ("jobs", job.job_id),
        ("credits", "grant-000000"),
        ("credits", "closed-000000"),
        ("runs", RUN_ID),
    ]
    seen = []
    for rows in (FEW, MANY):
        for table, id_ in grown:
            grow(table, id_, rows)
        seen.append([what_is_read(read, which, workspace_id, reads) for which in GROWING])
    for which, few, many in zip(GROWING, *seen, strict=True):
        with subtests.test(which.path):
            assert few == many


def what_is_read(read: Read, which: List, workspace_id: str, reads: Counter[str]) -> dict[str, int]:
    """What DynamoDB is asked for the first pages of a list."""
    reads.clear()
    cursor = None
    for _ in range(PAGES if which.is_paged else 1):
        status, _, cursor = read(which, workspace_id, cursor)
        assert status == 200
    return dict(reads)


def run(workspace_id: str) -> Run:
    return Run(
        id=RUN_ID,
        kind="film",
        workspace_id=workspace_id,
        subject_id="project",
        status="running",
        options={"draft": False},
        public_base_url="https://api.example",
        limit_seconds=60,
        created_at="2026-01-01T00:00:00.000Z",
    )


@pytest.fixture
def read(invoke: Invoke) -> Read:
    """Reads a page: its status, its body and the cursor of the next one."""

    def call(
        which: List, workspace_id: str, cursor: str | None = None, user: str = "user-1"
    ) -> tuple[int, Any, str | None]:
        query = {"workspaceId": workspace_id, "limit": "2", **which.query}
        query |= {"cursor": cursor} if cursor is not None else {}
        path = which.path.replace("{workspaceId}", workspace_id)
        answer = invoke(which.function, method="GET", user=user, path=path, query=query)
        body = answer["json"]
        if isinstance(body, list):
            return answer["statusCode"], {"items": body}, linked(header(answer, "link"))
        return answer["statusCode"], body, body.get("nextCursor")

    return call


def linked(link: str | None) -> str | None:
    url = re.match(r"<(.*)>", link or "")
    return parse_qs(urlsplit(url[1]).query)["cursor"][0] if url else None


def test_pages_together_are_the_list(read: Read, subtests: pytest.Subtests) -> None:
    workspace_id = filled("user-1")
    for which in LISTS:
        with subtests.test(which.path):
            check_pages(read, which, workspace_id)


def check_pages(read: Read, which: List, workspace_id: str) -> None:
    seen, cursor = [], None
    while True:
        status, body, cursor = read(which, workspace_id, cursor)
        assert status == 200, body
        seen += [item.get("id") or item["userId"] for item in body["items"]]
        if cursor is None:
            break
    assert len(set(seen)) == len(seen) >= (ROWS if which.is_paged else 1)


def test_a_cursor_that_is_not_the_lists_own_is_refused(
    read: Read, subtests: pytest.Subtests
) -> None:
    own, foreign = filled("user-1"), filled("user-2")
    cursors = [
        (other, user, read(other, workspace_id, user=user)[2])
        for workspace_id, user in ((own, "user-1"), (foreign, "user-2"))
        for other in LISTS
        if other.is_paged and not other.query
    ]
    for which in LISTS:
        others = [
            cursor
            for other, user, cursor in cursors
            if cursor is not None and (other != which or user == "user-2")
        ]
        with subtests.test(which.path):
            bad = [*forged(read(which, own)[2]), *others]
            assert len(bad) > 20
            check_refused(read, which, own, bad)


def check_refused(read: Read, which: List, workspace_id: str, cursors: list[str]) -> None:
    for cursor in cursors:
        status, body, _ = read(which, workspace_id, cursor)
        assert (status, body.get("code")) == (400, "invalid_cursor"), cursor[:80]
        assert body["details"][0]["field"] == "cursor"


def forged(cursor: str | None) -> list[str]:
    """What a stranger may try, made from a real cursor if there is one."""
    made_up: list[Any] = [
        None,
        1,
        [],
        {},
        {"list_key": "w#job", "pk": "job#1", "sk": "job", "created_at": "2026"},
        ["2026-01-01T00:00:00.000Z", "job#1", "job"],
        ["\ud800", "x", "y", "z"],
    ]
    digest, *place = json.loads(decoded(cursor)) if cursor else ("", "")
    made_up += [[digest, *place, "more"], [digest], [digest, *[1 for _ in place]]]
    made_up += [[digest, *[value for _ in place]] for value in ("", "\u200b", "x" * 5000, None, [])]
    real = cursor or encoded(b"[]")
    return [
        *(encoded(json.dumps(value).encode()) for value in made_up),
        *("", "x", "\u00e9", "\ufffd", "%FF", "null", "[" * 400, "e30", "A" * 100_000),
        *(encoded(b"\xff\xfe"), encoded(b"[" * 400), real[:-3], real + real, f"{real}%", real[3:]),
    ]


def encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def decoded(cursor: str) -> bytes:
    return base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))


def test_a_forged_place_stays_in_the_callers_own_list(
    read: Read, subtests: pytest.Subtests
) -> None:
    own, foreign = filled("user-1"), filled("user-2")
    for which in OWN:
        with subtests.test(which.path):
            check_place(read, which, own, foreign)


def check_place(read: Read, which: List, own: str, foreign: str) -> None:
    _, page, theirs = read(which, foreign, user="user-2")
    digest, *_ = json.loads(decoded(read(which, own)[2] or ""))
    _, *place = json.loads(decoded(theirs or ""))
    status, body, _ = read(which, own, encoded(json.dumps([digest, *place]).encode()))
    assert status == 200
    if which.path not in SAME_NAMES:
        foreign_ids = {item["id"] for item in page["items"]}
        assert foreign_ids.isdisjoint(item["id"] for item in body["items"])


SAME_NAMES = {"/api/credits/ledger", "/api/workspaces/{workspaceId}/members"}
"""Lists of two tenants in which things have the same names."""


def test_a_place_that_no_row_has_is_no_fault_of_ours(read: Read, subtests: pytest.Subtests) -> None:
    own = filled("user-1")
    for which in OWN:
        with subtests.test(which.path):
            check_unknown_places(read, which, own)


def check_unknown_places(read: Read, which: List, workspace_id: str) -> None:
    digest, *place = json.loads(decoded(read(which, workspace_id)[2] or ""))
    for part in ("a", "~" * 200, "0", "job#1", " ", "2026-13-99T99:99:99.999Z", "#", "x" * 255):
        cursor = encoded(json.dumps([digest, *[part for _ in place]]).encode())
        status, body, _ = read(which, workspace_id, cursor)
        if len(place) == 3:  # a row of `by_list` has a form
            assert status == 400, body
        assert (status, body.get("code")) in {(200, None), (400, "invalid_cursor")}, body
