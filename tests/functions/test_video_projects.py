"""Video projects through the running stack: from uploads to estimates, and what is refused."""

import io
import itertools
import struct
import uuid
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import httpx
import pytest
from moto.s3.models import s3_backends
from PIL import Image

from local.stack import Stack
from showreel.assets.keys import BUCKETS, key_of
from showreel.core.ids import new_file_id
from tests.support.http import eventually
from tests.support.sounds import wav

from . import users
from .users import break_call, newcomer, picture

pytestmark = pytest.mark.stack
PROJECTS = "/api/video-projects"


class Client(users.Client):
    """A user who makes films."""

    def create(self, clips: list[Any] | None = None, **fields: Any) -> Any:
        body = {"name": "Home", "workspaceId": self.workspace_id, "clips": clips or [], **fields}
        return self.json("POST", PROJECTS, body)


@pytest.fixture(scope="module")
def ann(stack: Stack) -> Iterator[Client]:
    yield from newcomer(stack, Client)


@pytest.fixture(scope="module")
def eve(stack: Stack) -> Iterator[Client]:
    yield from newcomer(stack, Client)


@pytest.fixture
def bob(stack: Stack) -> Iterator[Client]:
    yield from newcomer(stack, Client)


@pytest.fixture(scope="module")
def photo(ann: Client) -> str:
    return ann.upload(picture())


def bomb(side: int = 50_000) -> bytes:
    """A tiny PNG that says it is 50,000 pixels wide and high."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        checked = kind + data
        return struct.pack(">I", len(data)) + checked + struct.pack(">I", zlib.crc32(checked))

    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    parts = [
        chunk(b"IHDR", header),
        chunk(b"IDAT", zlib.compress(bytes(1000))),
        chunk(b"IEND", b""),
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def test_a_film_is_set_up_from_uploads(ann: Client) -> None:
    clips = [
        {"sourceImageUrl": ann.upload(picture("PNG"), "image/png"), "roomType": "kitchen"},
        {"sourceImageUrl": ann.upload(picture("WEBP"), "image/webp"), "roomType": "exterior"},
        {"sourceImageUrl": ann.upload(picture(size=(180, 320))), "transitionType": "cut"},
    ]
    logo = ann.upload(picture("PNG", (64, 64)), "image/png")
    made = ann.create(clips, arrange=True, resolution="720p", title="Home", logoUrl=logo)
    assert [clip["roomType"] for clip in made["clips"]] == ["exterior", "kitchen", "other"]
    assert [clip["sequenceOrder"] for clip in made["clips"]] == [0, 1, 2]
    assert (made["status"], made["clipCount"], made["missingClips"]) == ("draft", 3, [])
    assert ann.json("GET", f"{PROJECTS}/{made['id']}") == made
    for url in (made["logoUrl"], *(clip["sourceImageUrl"] for clip in made["clips"])):
        served = httpx.get(url, follow_redirects=True)
        assert served.headers["content-type"] == "image/jpeg"
        assert Image.open(io.BytesIO(served.content)).format == "JPEG"
    estimate = ann.json("GET", f"{PROJECTS}/{made['id']}/estimate")
    assert estimate == {
        "clipsCents": 105,
        "audioCents": 0,
        "transitionsCents": 70,
        "totalCents": 175,
        "credits": 150,
        "limitMinutes": 30,
    }


def test_clips_are_edited_one_by_one(ann: Client, photo: str) -> None:
    made = ann.create([{"sourceImageUrl": photo}], templateId="classic-tour")
    path = f"{PROJECTS}/{made['id']}"
    first = made["clips"][0]
    assert first["roomType"] == "exterior"
    second = ann.call("POST", f"{path}/clips", {"sourceImageUrl": photo})
    assert (second.status_code, second.json()["roomType"]) == (201, "hallway")
    changed = ann.json("PATCH", f"{path}/clips/{first['id']}", {"roomType": "gym"})
    assert changed["motionPrompt"] != first["motionPrompt"]
    order = [second.json()["id"], first["id"]]
    reordered = ann.json("PUT", f"{path}/clips/order", {"clipIds": order})
    assert [clip["id"] for clip in reordered["clips"]] == order
    assert ann.call("DELETE", f"{path}/clips/{first['id']}").status_code == 204
    renamed = ann.json("PATCH", path, {"name": "Villa", "musicVolume": 10})
    assert (renamed["name"], renamed["musicVolume"], renamed["clipCount"]) == ("Villa", 10, 1)


def test_deleting_takes_the_files_along(ann: Client, photo: str) -> None:
    made = ann.create([{"sourceImageUrl": photo}])
    url = made["clips"][0]["sourceImageUrl"]
    assert httpx.head(url, follow_redirects=True).status_code == 200
    assert ann.call("DELETE", f"{PROJECTS}/{made['id']}").status_code == 204
    assert httpx.get(url).status_code == 404
    assert httpx.get(photo, follow_redirects=True).status_code == 200
    ann.refused(f"{PROJECTS}/{made['id']}", None, "GET", 404)


def test_lists_are_paged_newest_first(bob: Client) -> None:
    made = [bob.create(name=f"Home {number}")["id"] for number in range(5)]
    query = f"{PROJECTS}?workspaceId={bob.workspace_id}&limit=2&forceFunctionRegion=eu-west-1"
    found, cursor = [], ""
    for _ in itertools.count():
        page = bob.json("GET", query + cursor)
        found += [item["id"] for item in page["items"]]
        if page["nextCursor"] is None:
            break
        cursor = f"&cursor={page['nextCursor']}"
    assert found == made[::-1]
    bob.refused(f"{query}&cursor=nonsense", None, "GET")
    bob.refused(f"{PROJECTS}?workspaceId={bob.workspace_id}&limit=0", None, "GET")
    bob.refused(PROJECTS, None, "GET")


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("http://93.184.216.34/a.jpg", "blocked_url"),
        ("https://127.0.0.1/a.jpg", "blocked_url"),
        ("https://[::1]/a.jpg", "blocked_url"),
        ("https://[::ffff:10.0.0.1]/a.jpg", "blocked_url"),
        ("https://[64:ff9b::a00:1]/a.jpg", "blocked_url"),
        ("https://169.254.169.254/latest/meta-data/", "blocked_url"),
        ("https://0x7f.1/a.jpg", "blocked_url"),
        ("https://2130706433/a.jpg", "blocked_url"),
        ("https://localhost/a.jpg", "blocked_url"),
        ("https://user:pw@example.com/a.jpg", "blocked_url"),
        ("https://example.com:8443/a.jpg", "blocked_url"),
        ("ftp://example.com/a.jpg", "blocked_url"),
        ("file:///etc/passwd", "blocked_url"),
        ("data:image/png;base64,AAAA", "blocked_url"),
        ("https://example.com/a.jpg\r\nX-Evil: 1", "blocked_url"),
        ("https://no-such-host.invalid/a.jpg", "media_unreachable"),
    ],
)
def test_a_url_that_can_not_be_read_is_refused(ann: Client, url: str, code: str) -> None:
    body = {"name": "Home", "workspaceId": ann.workspace_id, "clips": [{"sourceImageUrl": url}]}
    envelope = ann.refused(PROJECTS, body)
    assert envelope["code"] == code
    assert envelope["details"][0]["field"] == "clips.0.sourceImageUrl"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"a text file named .jpg", "media_type"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "media_type"),
        (bomb(), "media_too_large"),
        (picture()[:400], "media_invalid"),
        (b"ffconcat version 1.0\nfile /etc/passwd\n", "media_type"),
    ],
)
def test_a_file_that_is_no_usable_picture_is_refused(ann: Client, data: bytes, code: str) -> None:
    clips = [{"sourceImageUrl": ann.upload(data)}]
    body = {"name": "Home", "workspaceId": ann.workspace_id, "clips": clips}
    assert ann.refused(PROJECTS, body)["code"] == code


@pytest.mark.parametrize(
    ("fields", "code", "field"),
    [
        ({"name": ""}, "invalid_input", "name"),
        ({"name": "a\u202eb"}, "invalid_input", "name"),
        ({"aspectRatio": "4:3"}, "invalid_input", "aspectRatio"),
        ({"musicVolume": 101}, "invalid_input", "musicVolume"),
        ({"musicVolume": "50"}, "invalid_input", "musicVolume"),
        ({"generateNativeAudio": "yes"}, "invalid_input", "generateNativeAudio"),
        ({"model": "no-such-model"}, "unknown_model", None),
        ({"templateId": "no-such-template"}, "unknown_template", None),
        ({"musicTrackId": "track_none"}, "unknown_music_track", None),
        ({"clips": [{}]}, "invalid_input", "clips.0.sourceImageUrl"),
        ({"clips": [{"roomType": "ballroom"}]}, "invalid_input", "clips.0.roomType"),
        ({"clips": [{"durationSeconds": 7}]}, "invalid_input", "clips.0.durationSeconds"),
        ({"clips": [{"sourceImageUrl": "https://example.com/a.jpg"}] * 21}, "too_many_clips", None),
    ],
)
def test_a_bad_field_is_named(
    ann: Client, fields: dict[str, Any], code: str, field: str | None
) -> None:
    body = {"name": "Home", "workspaceId": ann.workspace_id, **fields}
    envelope = ann.refused(PROJECTS, body)
    assert envelope["code"] == code
    assert field is None or field in {detail["field"] for detail in envelope["details"]}


@pytest.mark.parametrize(
    "content",
    [
        *(b"", b"{", b"[]", b"null", b'{"a": NaN}', b'{"name": 1e309}', b"[" * 9000, b"\xff\xfe"),
        *(b'{"name": "a", "name": "b"}', b'{"name": "\\ud800"}', b'{"name": "a\\u0000b"}'),
    ],
)
def test_a_body_that_is_no_json_object_is_refused(ann: Client, content: bytes) -> None:
    headers = {"content-type": "application/json"}
    answer = ann.http.post(PROJECTS, content=content, headers=headers)
    assert (answer.status_code, answer.json()["success"]) == (400, False)


def test_a_21st_clip_is_refused(ann: Client, photo: str) -> None:
    made = ann.create([{"sourceImageUrl": photo}] * 20)
    clip = {"sourceImageUrl": photo}
    assert ann.refused(f"{PROJECTS}/{made['id']}/clips", clip)["code"] == "too_many_clips"


def routes(project_id: str, clip_id: str, photo: str) -> list[tuple[str, str, Any]]:
    """Every route that names a project."""
    path = f"{PROJECTS}/{project_id}"
    return [
        ("GET", path, None),
        ("PATCH", path, {"name": "Mine"}),
        ("DELETE", path, None),
        ("GET", f"{path}/estimate", None),
        ("POST", f"{path}/clips", {"sourceImageUrl": photo}),
        ("PATCH", f"{path}/clips/{clip_id}", {"roomType": "gym"}),
        ("DELETE", f"{path}/clips/{clip_id}", None),
        ("PUT", f"{path}/clips/order", {"clipIds": [clip_id]}),
    ]


def test_another_tenants_project_looks_like_a_missing_one(
    ann: Client, eve: Client, photo: str
) -> None:
    made = ann.create([{"sourceImageUrl": photo}])
    clip_id = made["clips"][0]["id"]
    own = eve.upload(picture())
    missing = routes(f"vp_{uuid.uuid4().hex}", f"clip_{uuid.uuid4().hex}", own)
    for foreign, absent in zip(routes(made["id"], clip_id, own), missing, strict=True):
        answers = [eve.refused(path, body, method, 404) for method, path, body in (foreign, absent)]
        assert {answer.pop("requestId") for answer in answers}
        assert answers[0] == answers[1]
        assert answers[0]["error"] == "Video project not found"
    assert ann.json("GET", f"{PROJECTS}/{made['id']}") == made


def test_another_tenants_workspace_upload_and_track_are_not_to_be_had(
    ann: Client, eve: Client, photo: str
) -> None:
    into = {"name": "Home", "workspaceId": ann.workspace_id}
    eve.refused(PROJECTS, into, status=404)
    eve.refused(f"{PROJECTS}?workspaceId={ann.workspace_id}", None, "GET", 404)
    eve.refused(f"/api/music-tracks?workspaceId={ann.workspace_id}", None, "GET", 404)
    body = {"name": "Home", "workspaceId": eve.workspace_id, "clips": [{"sourceImageUrl": photo}]}
    assert eve.refused(PROJECTS, body)["code"] == "media_not_found"
    sound = ann.upload(wav(), "audio/wav", "a.wav")
    wish = {"workspaceId": ann.workspace_id, "name": "Own", "url": sound}
    track = ann.json("POST", "/api/music-tracks", wish)
    assert ann.create(musicTrackId=track["id"])["musicTrackId"] == track["id"]
    body = {"name": "Home", "workspaceId": eve.workspace_id, "musicTrackId": track["id"]}
    assert eve.refused(PROJECTS, body)["code"] == "unknown_music_track"


def aged(stack: Stack, *keys: str) -> None:
    """Makes objects a week older than they are; those that aren't there are made first."""
    backend = s3_backends[stack.settings.account]["aws"]
    (bucket,) = backend.buckets.values()
    for key in keys:
        if key not in bucket.keys:
            backend.put_object(bucket.name, key, b"data")
        bucket.keys[key].last_modified -= timedelta(days=8)


def test_the_clean_up_removes_what_no_row_names_by_its_own_role(stack: Stack, ann: Client) -> None:
    upload = ann.upload(picture())
    made = ann.create([{"sourceImageUrl": upload}])["clips"][0]["sourceImageUrl"]
    sent, kept = (str(key_of(url, stack.base_url)) for url in (upload, made))
    orphans = {f"{bucket}/{new_file_id()}.mp4" for bucket in BUCKETS}
    aged(stack, sent, kept, *orphans)
    told = stack.invoke("every_day", {"dry_run": True})
    assert set(told["samples"]) == orphans | {sent}
    assert told["unused"] == dict.fromkeys(BUCKETS, 1) | {"uploads": 2}
    done = stack.invoke("every_day", {})
    assert done == told | {"dry_run": False}
    assert [ann.http.get(url).status_code for url in (upload, made)] == [404, 302]
    assert stack.invoke("every_day", {})["unused"] == {}


def test_without_a_token_nothing_is_to_be_had(ann: Client, photo: str) -> None:
    made = ann.create([{"sourceImageUrl": photo}])
    calls = routes(made["id"], made["clips"][0]["id"], photo)
    body = {"name": "Home", "workspaceId": ann.workspace_id}
    calls += [("POST", PROJECTS, body), ("GET", "/api/video-templates", None)]
    calls += [("GET", "/api/music-tracks", None)]
    for method, path, sent in calls:
        answer = ann.call(method, path, sent, headers={"Authorization": ""})
        assert (answer.status_code, answer.json()["success"]) == (401, False), (method, path)


def test_a_member_who_was_removed_a_moment_ago_sees_nothing(stack: Stack, bob: Client) -> None:
    made = bob.create()
    stack.seeder.remove_member(bob.workspace_id, bob.tenant.user_id)
    bob.refused(f"{PROJECTS}/{made['id']}", None, "GET", 404)


def test_edits_at_once_all_happen_and_the_order_stays_dense(ann: Client, photo: str) -> None:
    made = ann.create([{"sourceImageUrl": photo}] * 6)
    path = f"{PROJECTS}/{made['id']}"
    ids = [clip["id"] for clip in made["clips"]]

    def edit(number: int) -> int:
        calls = [
            ("POST", f"{path}/clips", {"sourceImageUrl": photo}),
            ("PATCH", f"{path}/clips/{ids[3]}", {"roomLabel": f"Label {number}"}),
            ("DELETE", f"{path}/clips/{ids[number % 3]}", None),
        ]
        return ann.call(*calls[number % 3]).status_code

    with ThreadPoolExecutor(6) as pool:
        statuses = list(pool.map(edit, range(9)))
    assert statuses[0::3] == [201] * 3
    assert statuses[1::3] == [200] * 3
    after = ann.json("GET", path)
    removed = statuses[2::3].count(204)
    assert after["clipCount"] == len(after["clips"]) == 6 + 3 - removed
    assert [clip["sequenceOrder"] for clip in after["clips"]] == list(range(after["clipCount"]))
    assert len({clip["id"] for clip in after["clips"]}) == after["clipCount"]


def test_templates_rooms_and_music_are_there_to_choose_from(ann: Client) -> None:
    templates = ann.json("GET", "/api/video-templates")
    assert [template["clipCount"] for template in templates["items"]] == [8, 4, 3, 3, 2]
    assert len(templates["rooms"]) == 27
    tracks = ann.json("GET", f"/api/music-tracks?workspaceId={ann.workspace_id}")["items"]
    built_in = [track for track in tracks if track["builtIn"]]
    assert len(built_in) >= 5
    heard = httpx.get(built_in[0]["url"], follow_redirects=True)
    assert (heard.status_code, heard.content[4:8]) == (200, b"ftyp")
    assert ann.create(musicTrackId=built_in[0]["id"])["musicTrackId"] == built_in[0]["id"]


def test_a_film_in_the_making_is_left_alone_and_a_finished_one_goes_with_all_its_files(
    ann: Client, photo: str
) -> None:
    fields = {"model": "showreel/camera-motion", "resolution": "720p"}
    made = ann.create([{"sourceImageUrl": photo}] * 2, **fields)
    path, clip_id = f"{PROJECTS}/{made['id']}", made["clips"][0]["id"]
    run_id = ann.json("POST", "/api/trigger-video", {"videoProjectId": made["id"]})["runId"]
    for method, route, body in routes(made["id"], clip_id, photo):
        if method != "GET":
            assert ann.refused(route, body, method, 409)["code"] == "project_running"
    run = wait_for(ann, run_id)
    assert run["status"] == "completed", run
    film = ann.json("GET", path)
    assert (film["status"], film["completedClipCount"], film["triggerRunId"]) == (
        *("completed", 2),
        run_id,
    )
    urls = [film["finalVideoUrl"], film["thumbnailUrl"], run["output"]["contactSheetUrl"]]
    urls += [clip[name] for clip in film["clips"] for name in ("clipUrl", "sourceImageUrl")]
    assert [httpx.head(url).status_code for url in urls] == [302] * 7
    assert ann.call("DELETE", path).status_code == 204
    assert [httpx.head(url).status_code for url in urls] == [404] * 7
    ann.refused(path, None, "DELETE", 404)


def test_a_film_without_clips_is_not_started(ann: Client) -> None:
    body = {"videoProjectId": ann.create()["id"]}
    assert ann.refused("/api/trigger-video", body, status=409)["code"] == "no_clips"


def wait_for(client: Client, run_id: str) -> Any:
    """The run when it is over."""

    def over() -> Any:
        run = client.json("GET", f"/api/runs/{run_id}")
        return None if run["status"] in {"queued", "running"} else run

    return eventually(over)


@pytest.fixture
def mended(stack: Stack) -> Iterator[None]:
    yield
    httpx.delete(f"{stack.aws_endpoint}/_local/faults").raise_for_status()


@pytest.mark.usefixtures("mended")
@pytest.mark.parametrize("action", ["drop_reply", "error"])
@pytest.mark.parametrize("operation", ["TransactWriteItems", "PutObject", "PutItem", "Query"])
def test_a_clip_is_added_once_although_a_reply_was_lost(
    stack: Stack, ann: Client, photo: str, operation: str, action: str
) -> None:
    made = ann.create()
    path = f"{PROJECTS}/{made['id']}"
    break_call(stack, operation, "video_project_clips", action=action)
    added = ann.json("POST", f"{path}/clips", {"sourceImageUrl": photo})
    after = ann.json("GET", path)
    assert [clip["id"] for clip in after["clips"]] == [added["id"]]
    assert httpx.head(added["sourceImageUrl"]).status_code == 302


@pytest.mark.usefixtures("mended")
@pytest.mark.parametrize("operation", ["TransactWriteItems", "DeleteItem", "DeleteObjects"])
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_deletion_that_was_killed_is_finished_by_asking_again(
    stack: Stack, ann: Client, photo: str, operation: str, when: str
) -> None:
    made = ann.create([{"sourceImageUrl": photo}])
    path, url = f"{PROJECTS}/{made['id']}", made["clips"][0]["sourceImageUrl"]
    break_call(stack, operation, "video_projects", action="kill", when=when)
    assert ann.call("DELETE", path).status_code >= 500
    again = ann.call("DELETE", path)
    assert again.status_code == 204, again.text
    ann.refused(path, None, "GET", 404)
    assert httpx.head(url).status_code == 404


def test_a_project_is_shared_by_invitation(ann: Client, bob: Client) -> None:
    path = f"{PROJECTS}/{ann.create()['id']}"
    wish = {"userId": bob.tenant.user_id}
    ann.json("POST", f"/api/workspaces/{ann.workspace_id}/invitations", wish)
    bob.refused(path, None, "GET", 404)
    (invitation,) = bob.json("GET", "/api/invitations")["items"]
    bob.json("POST", f"/api/invitations/{invitation['id']}/accept")
    assert bob.json("GET", path)["workspaceId"] == ann.workspace_id
    assert bob.json("GET", "/api/me")["defaultWorkspaceId"] == bob.workspace_id
    bob.json("PATCH", "/api/me", {"defaultWorkspaceId": ann.workspace_id})
    assert bob.json("GET", "/api/credits")["workspaceId"] == ann.workspace_id
    bob.json("DELETE", f"/api/workspaces/{ann.workspace_id}/members/{bob.tenant.user_id}")
    bob.refused("/api/credits", None, "GET", 404)


def test_anybody_may_ask_which_vendors_are_out(stack: Stack) -> None:
    answer = httpx.get(f"{stack.base_url}/api/health")
    assert (answer.status_code, answer.json()["success"]) == (200, True)
