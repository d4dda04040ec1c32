"""Every list of the API: its pages together are the list, and only its own cursors are taken."""

import base64
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from showreel.core.clock import now_seconds
from showreel.core.dynamo import Table, transact
from showreel.core.ids import new_id
from showreel.credits.ledger import Ledger
from showreel.generation import engine
from showreel.generation.models import JobRequest
from showreel.generation.service import new_job
from showreel.identity import Caller, service
from showreel.identity.models import CreateWorkspace
from tests.unit.generation.support import grouped

from .conftest import Invoke, header

ROWS = 5
PROJECT = {"name": "Home", "owner_user_id": "user-1", "updated_at": "2026-01-01T00:00:00.000Z"}
TRACK = {"name": "Song", "audio_key": "audio/1.mp3"}


@dataclass(frozen=True)
class List:
    """A list: the function that answers it, its path, and whether it has more than one page."""

    function: str
    path: str
    is_paged: bool = True
    query: dict[str, str] = field(default_factory=dict)


LISTS = [
    List("workspaces", "/api/workspaces"),
    List("workspaces", "/api/workspaces/{workspaceId}/members", is_paged=False),
    List("video_projects", "/api/video-projects"),
    List("video_templates", "/api/video-templates", is_paged=False),
    List("music_tracks", "/api/music-tracks"),
    List("jobs", "/api/jobs"),
    List("credits", "/api/credits/ledger"),
    List("model_catalog", "/functions/v1/model-catalog", query={"search": "kling o3"}),
]
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
    kinds = [
        ("studio", "film", "project", "video_project", PROJECT),
        ("studio", "music_track", "track", "music_track", TRACK),
    ]
    for number in range(ROWS):
        at = {"created_at": f"2026-01-01T00:00:00.00{number}Z"}
        for table, prefix, sort_key, name, row in kinds:
            id_ = f"{workspace_id[:8]}-{number}"
            keys = {"pk": f"{prefix}#{id_}", "sk": sort_key, "list_key": f"{workspace_id}#{name}"}
            about = {"id": id_, "job_id": id_, "workspace_id": workspace_id}
            Table(table).put({**row, **about, **keys, **at})
        job = new_job(request(workspace_id)).model_copy(update=at)
        transact([engine.jobs().create_write(job)])
        Ledger(Table("credits")).grant(workspace_id, 1, f"grant-{number}")
    return workspace_id


def request(workspace_id: str) -> JobRequest:
    fields = {
        "job_id": new_id(),
        "workspace_id": workspace_id,
        "kind": "clip",
        "catalogue_id": "kling-v2.6-pro",
        "prompt": "Dolly in",
        "image_key": "work/1.jpg",
        "deadline_at_seconds": now_seconds(),
    }
    return JobRequest.model_validate(grouped(fields))


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


@pytest.mark.parametrize("which", LISTS, ids=lambda which: which.path)
def test_pages_together_are_the_list(read: Read, which: List) -> None:
    workspace_id, seen, cursor = filled("user-1"), [], None
    while True:
        status, body, cursor = read(which, workspace_id, cursor)
        assert status == 200, body
        seen += [item.get("id") or item["userId"] for item in body["items"]]
        if cursor is None:
            break
    assert len(set(seen)) == len(seen) >= (ROWS if which.is_paged else 1)


@pytest.mark.parametrize("which", LISTS, ids=lambda which: which.path)
def test_a_cursor_that_is_not_the_lists_own_is_refused(read: Read, which: List) -> None:
    own, foreign = filled("user-1"), filled("user-2")
    others = [
        read(other, workspace_id, user=user)[2]
        for workspace_id, user in ((own, "user-1"), (foreign, "user-2"))
        for other in LISTS
        if other.is_paged and (other != which or user == "user-2") and not other.query
    ]
    bad = [*forged(read(which, own)[2]), *(cursor for cursor in others if cursor is not None)]
    assert len(bad) > 20
    for cursor in bad:
        status, body, _ = read(which, own, cursor)
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
    made_up += [[digest, *[value for _ in place]] for value in ("", "\u00e9", "x" * 5000, None, [])]
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


@pytest.mark.parametrize("which", [one for one in LISTS if one.is_paged and not one.query])
def test_a_forged_place_stays_in_the_callers_own_list(read: Read, which: List) -> None:
    own, foreign = filled("user-1"), filled("user-2")
    _, page, theirs = read(which, foreign, user="user-2")
    digest, *_ = json.loads(decoded(read(which, own)[2] or ""))
    _, *place = json.loads(decoded(theirs or ""))
    status, body, _ = read(which, own, encoded(json.dumps([digest, *place]).encode()))
    assert status == 200
    if which.path != "/api/credits/ledger":  # both chose the same names for their grants
        foreign_ids = {item["id"] for item in page["items"]}
        assert foreign_ids.isdisjoint(item["id"] for item in body["items"])
