"""Google's own SDKs against the simulator: what they send is taken, what it says they read."""

import base64
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.simulators.conftest import GOOGLE_KEY, Customer
from tests.simulators.films import decoded, difference, still
from tests.simulators.google.customer import OMNI, VEO, GoogleCustomer
from tests.simulators.other_process import Exchange, other_process
from tests.simulators.text_customer import TextCustomer
from tests.support.http import eventually
from tests.support.lazy import Lazy

genai, types = Lazy("google.genai"), Lazy("google.genai.types")

FIRST_LINE = Path(__file__).parents[3] / ".local/sdk/google-genai-1"
SCRIPT = Path(__file__).with_name("first_line.py")


@pytest.fixture
def google(customer: Customer) -> GoogleCustomer:
    customer.settings(gone_models=[])
    return GoogleCustomer(customer)


@pytest.fixture
def client(google: GoogleCustomer) -> Iterator[Any]:
    with genai.Client(
        api_key=GOOGLE_KEY, http_options=types.HttpOptions(base_url=google.base_url)
    ) as made:
        yield made


@pytest.fixture(scope="module")
def first_line() -> Iterator[Exchange]:
    """The SDK before the present one, in another process, since it has its name. Deep: it takes
    seconds to load, and `test_protocol.py` orders the same without it.
    """
    if not (FIRST_LINE / ".done").exists():
        pytest.skip("make chaos installs google-genai 1")
    with other_process(SCRIPT, "-S", "-W", "error", PYTHONPATH=str(FIRST_LINE)) as tell:
        yield tell


@pytest.fixture
def veo_by_sdk(
    google: GoogleCustomer, first_line: Exchange, tmp_path: Path
) -> Callable[..., dict[str, Any]]:
    """Orders clips with that SDK."""
    pictures = [tmp_path / "room.jpg", tmp_path / "hall.jpg"]
    for path in pictures:
        path.write_bytes(google.customer.pictures.files[f"/{path.name}"])
    usual = {
        "base_url": google.base_url,
        "api_key": GOOGLE_KEY,
        "model": VEO,
        "prompt": "slow zoom in",
        "pictures": [str(path) for path in pictures],
        "config": {"aspect_ratio": "9:16", "duration_seconds": 5, "number_of_videos": 1},
        "target": str(tmp_path / "clip.mp4"),
    }
    return lambda **changes: first_line({**usual, **changes})


@pytest.mark.deep
def test_veo_is_ordered_polled_and_downloaded(
    veo_by_sdk: Callable[..., dict[str, Any]], tmp_path: Path
) -> None:
    outcome = veo_by_sdk()
    assert outcome["name"].startswith(f"models/{VEO}/operations/")
    clip = decoded((tmp_path / "clip.mp4").read_bytes(), 90, 160)
    assert (clip.size(), len(clip.frames), clip.has_sound) == ((720, 1280), 121, False)


@pytest.mark.deep
def test_veo_refuses_in_words_the_sdk_knows(
    google: GoogleCustomer, veo_by_sdk: Callable[..., dict[str, Any]]
) -> None:
    google.fault("submit", "rate_limited", retry_after=4)
    assert veo_by_sdk()["status"] == "RESOURCE_EXHAUSTED"
    google.fault("poll", "content_policy")
    outcome = veo_by_sdk()
    assert (outcome["done"], outcome["error"], outcome["filtered"]) == (True, None, 1)
    wrong = veo_by_sdk(api_key="wrong")
    assert (wrong["code"], wrong["status"]) == (400, "INVALID_ARGUMENT")


@pytest.mark.deep
def test_the_first_line_of_the_sdk_reads_texts(customer: Customer, first_line: Exchange) -> None:
    customer.settings(text_delay_seconds=0)
    model = TextCustomer(customer, "google", "gemini-2.5-flash")
    order = {"base_url": model.base_url, "api_key": GOOGLE_KEY, "model": model.model}
    told = first_line({**order, "contents": "Describe the orchard at noon"})
    assert "".join(told["parts"]) == told["whole"]
    assert len(told["parts"]) > 3


def order(google: GoogleCustomer, **video: str) -> dict[str, Any]:
    pictures = [google.image(), google.image("/hall.jpg")]
    content = [*pictures, {"type": "text", "text": "slow zoom in"}]
    return {
        "model": OMNI,
        "background": True,
        "input": [{"type": "user_input", "content": content}],
        "generation_config": {"video_config": {"task": "image_to_video"}},
        "response_format": {"type": "video", "duration": "3s", **video},
    }


def finished(client: Any, interaction_id: str) -> Any:
    def look() -> Any:
        found = client.interactions.get(interaction_id)
        return None if found.status == "in_progress" else found

    return eventually(look)


def test_omni_delivers_a_file(google: GoogleCustomer, client: Any) -> None:
    made = client.interactions.create(**order(google, aspect_ratio="9:16", delivery="uri"))
    video = finished(client, made.id).output_video
    name = f"files/{video.uri.partition('/files/')[2].partition(':')[0]}"
    assert eventually(lambda: client.files.get(name=name).state is types.FileState.ACTIVE)
    clip = decoded(client.files.download(file=name), 90, 160)
    assert (clip.size(), len(clip.frames), clip.has_sound) == ((720, 1280), 73, True)


def test_omni_delivers_inline(google: GoogleCustomer, client: Any) -> None:
    made = client.interactions.create(**order(google))
    found = finished(client, made.id)
    clip = decoded(base64.b64decode(found.output_video.data))
    assert [step.type for step in found.steps] == ["user_input", "thought", "model_output"]
    assert difference(clip.frames[0], still(google.customer.pictures.files["/room.jpg"])) < 4
    assert difference(clip.frames[-1], still(google.customer.pictures.files["/hall.jpg"])) < 4


def test_omni_answers_at_once_what_is_not_in_the_background(
    google: GoogleCustomer, client: Any
) -> None:
    made = client.interactions.create(**{**order(google), "background": False})
    assert (made.status, made.output_video.mime_type) == ("completed", "video/mp4")


def test_omni_is_cancelled(google: GoogleCustomer, client: Any) -> None:
    google.customer.settings(generation_seconds=60)
    made = client.interactions.create(**order(google))
    assert client.interactions.cancel(made.id).status == "cancelled"
    assert client.interactions.get(made.id).status == "cancelled"


def test_omni_reports_why_it_failed(google: GoogleCustomer, client: Any) -> None:
    google.fault("poll", "content_policy")
    found = finished(client, client.interactions.create(**order(google)).id)
    assert (found.status, found.errors[0].code, found.output_video) == ("failed", "safety", None)


@pytest.mark.parametrize(
    ("fault", "status"),
    [("quota", 429), ("auth", 403), ("model_gone", 404), ("invalid_input", 400)],
)
def test_omni_refuses_in_words_the_sdk_knows(
    google: GoogleCustomer, fault: str, status: int
) -> None:
    options = types.HttpOptions(
        base_url=google.base_url, retry_options=types.HttpRetryOptions(attempts=1)
    )
    google.fault("submit", fault, count=5)
    with genai.Client(api_key=GOOGLE_KEY, http_options=options) as client:
        with pytest.raises(Exception, match="Error code") as caught:
            client.interactions.create(**order(google))
        assert getattr(caught.value, "status_code", None) == status
