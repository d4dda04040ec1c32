"""What Kling delivers: real moving pictures that begin and end as ordered."""

import httpx
import pytest

from local.simulators.rendering import Rendering
from tests.simulators.conftest import Customer, picture_bytes
from tests.simulators.films import decoded, difference, still


def result(customer: Customer, **changes: object) -> bytes:
    task = customer.finished(customer.submitted(**changes))
    assert task["task_status"] == "succeed", task
    video = task["task_result"]["videos"][0]
    assert video["duration"] == f"{changes.get('duration', '5')}.1"
    return httpx.get(video["url"]).content


def test_the_camera_moves_over_the_given_still(customer: Customer) -> None:
    clip = decoded(result(customer))
    assert (clip.size(), len(clip.frames), clip.has_sound) == ((1280, 720), 121, False)
    steps = [difference(one, two) for one, two in zip(clip.frames, clip.frames[1:], strict=False)]
    assert sum(step > 0 for step in steps) > 110
    assert difference(clip.frames[0], still(customer.pictures.files["/room.jpg"])) < 4
    assert difference(clip.frames[0], clip.frames[-1]) > 10


def test_two_stills_become_the_ends(customer: Customer) -> None:
    tail = f"{customer.pictures.base_url}/hall.jpg"
    clip = decoded(result(customer, mode="pro", image_tail=tail, sound="on"))
    assert clip.has_sound
    assert difference(clip.frames[0], still(customer.pictures.files["/room.jpg"])) < 4
    assert difference(clip.frames[-1], still(customer.pictures.files["/hall.jpg"])) < 4
    assert difference(clip.frames[60], clip.frames[0]) > 5
    assert difference(clip.frames[60], clip.frames[-1]) > 5


@pytest.mark.parametrize(
    ("width", "height", "expected"), [(400, 700, (720, 1280)), (500, 480, (960, 960))]
)
def test_the_picture_decides_the_ratio(
    customer: Customer, width: int, height: int, expected: tuple[int, int]
) -> None:
    customer.pictures.files["/other.jpg"] = picture_bytes(width, height)
    picture_url = f"{customer.pictures.base_url}/other.jpg"
    video = result(customer, image=picture_url, model_name="kling-v3", duration="3")
    assert decoded(video).size() == expected


def test_a_clip_is_rendered_once(customer: Customer, monkeypatch: pytest.MonkeyPatch) -> None:
    result(customer)
    monkeypatch.setattr(Rendering, "_run", lambda *_: pytest.fail("rendered again"))
    result(customer, prompt="another text, but it is a zoom in too")


def test_results_come_in_ranges_and_cannot_be_guessed(customer: Customer) -> None:
    task = customer.finished(customer.submitted())
    url = task["task_result"]["videos"][0]["url"]
    whole = httpx.get(url).content
    part = httpx.get(url, headers={"Range": "bytes=100-199"})
    assert (part.status_code, part.content) == (206, whole[100:200])
    assert httpx.head(url).headers["content-length"] == str(len(whole))
    assert httpx.get(url.replace("/results/", "/results/x")).status_code == 404
    assert httpx.get(f"{customer.config.base_url}/kling/results/../../renders").status_code == 404
