"""Speech, effects and music through the API of the running stack, as users and players ask."""

import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from local.stack import Stack
from showreel.media.audio_probe import verify_sound
from showreel_client import UnifiedGenerationService
from tests.functions.videos.conftest import Buyer, newcomer
from tests.support.http import eventually
from tests.support.samples import first

pytestmark = pytest.mark.stack
TTS, SFX, MUSIC = (f"/functions/v1/elevenlabs-{kind}" for kind in ("tts", "sfx", "music"))
TEXT = "The kitchen looks out on a small walled garden."
SPEECH: dict[str, Any] = {"text": TEXT}
RAIN: dict[str, Any] = {"prompt": "Rain on a tin roof"}
PIANO: dict[str, Any] = {"prompt": "A calm piano", "duration": 12}
NO_WAIT = {"Prefer": "respond-async"}
SOUND_ONLY = {"Accept": "audio/mpeg"}


@pytest.fixture
def buyer(stack: Stack) -> Iterator[Buyer]:
    yield from newcomer(stack)


@pytest.fixture
def poor(stack: Stack) -> Iterator[Buyer]:
    yield from newcomer(stack, 3)


def order(buyer: Buyer, path: str, body: Any, **headers: str) -> httpx.Response:
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return buyer.http.post(path, json=body, headers=names)


def made(buyer: Buyer, path: str, body: Any) -> Any:
    answer = order(buyer, path, body)
    assert answer.status_code == 200, answer.text
    return answer.json()


def ended(buyer: Buyer, path: str, job_id: str) -> Any:
    def over() -> Any:
        job = buyer.json("GET", f"{path}?job_id={job_id}")
        return None if job["status"] == "processing" else job

    return eventually(over)


def seconds_of(url: str, folder: Path) -> float:
    """The length of what is behind the URL, decoded whole."""
    answer = httpx.get(url, follow_redirects=True)
    assert answer.headers["content-type"] == "audio/mpeg"
    path = folder / "sound.mp3"
    path.write_bytes(answer.content)
    return verify_sound(path).seconds


def fault(buyer: Buyer, kind: str, operation: str = "submit", **more: Any) -> None:
    buyer.spoil(operation, kind, "elevenlabs", **more)


def test_speech_is_there_when_the_call_returns(buyer: Buyer, tmp_path: Path) -> None:
    told = made(buyer, TTS, SPEECH)
    assert told["success"] is True
    assert (told["status"], told["model"]) == ("completed", "elevenlabs-tts")
    assert (told["contentType"], told["characters"]) == ("audio/mpeg", len(TEXT))
    assert told["url"].startswith(f"{buyer.stack.base_url}/storage/v1/object/public/audio/")
    seconds = seconds_of(told["url"], tmp_path)
    assert seconds == pytest.approx(len(TEXT) / 15, abs=0.06)
    assert told["durationSeconds"] == pytest.approx(seconds, abs=0.001)
    assert told["credits"] == 1 == buyer.spent()


@pytest.mark.parametrize(
    ("path", "body", "seconds", "price"),
    first(
        2,
        [
            (MUSIC, PIANO, 12, 12),
            (SFX, RAIN | {"duration": 12.5, "loop": True, "promptInfluence": 0.4}, 12.5, 5),
            (SFX, RAIN, 5, 5),
            (SFX, RAIN | {"duration": 0.5}, 0.5, 5),
            (MUSIC, {"prompt": "A calm piano"}, 30, 29),
            (MUSIC, PIANO | {"duration": 61, "instrumental": True}, 61, 58),
        ],
    ),
)
def test_effects_and_music_have_the_length_and_the_price_of_it(
    buyer: Buyer, tmp_path: Path, path: str, body: Any, seconds: float, price: int
) -> None:
    told = made(buyer, path, body)
    assert seconds_of(told["url"], tmp_path) == pytest.approx(seconds, abs=0.06)
    assert told["durationSeconds"] == pytest.approx(seconds, abs=0.06)
    assert told["credits"] == price == buyer.spent()


def test_long_texts_cost_by_the_thousand_characters(buyer: Buyer) -> None:
    assert made(buyer, TTS, {"text": "a" * 999 + " b"})["credits"] == 9
    assert buyer.spent() == 9


def test_the_vendor_receives_what_the_caller_chose(buyer: Buyer) -> None:
    chosen = {
        "voiceId": "pNInz6obpgDQGcFmaJgB",
        "modelId": "eleven_flash_v2_5",
        "stability": 0.3,
        "similarityBoost": 0.8,
        "speed": 1.1,
        "languageCode": "en",
        "seed": 7,
    }
    made(buyer, TTS, SPEECH | chosen)
    (sent,) = buyer.vendor_orders()
    assert "/text-to-speech/pNInz6obpgDQGcFmaJgB?" in sent["path"]
    assert sent["body"] == {
        "text": TEXT,
        "model_id": "eleven_flash_v2_5",
        "voice_settings": {"stability": 0.3, "similarity_boost": 0.8, "speed": 1.1},
        "language_code": "en",
        "seed": 7,
    }
    made(buyer, SFX, RAIN | {"duration": 3, "promptInfluence": 0.4})
    effect = {"text": RAIN["prompt"], "model_id": "eleven_text_to_sound_v2"}
    assert buyer.vendor_orders()[-1]["body"] == effect | {
        "duration_seconds": 3,
        "prompt_influence": 0.4,
    }
    made(buyer, MUSIC, PIANO | {"instrumental": True})
    assert buyer.vendor_orders()[-1]["body"] == {
        "prompt": "A calm piano",
        "model_id": "music_v1",
        "music_length_ms": 12_000,
        "force_instrumental": True,
    }


def test_long_music_is_polled(buyer: Buyer, tmp_path: Path) -> None:
    fault(buyer, "slow", delay_seconds=2)
    answer = order(buyer, MUSIC, PIANO, Prefer="wait=1")
    told = answer.json()
    assert (answer.status_code, told["status"]) == (202, "processing")
    assert answer.headers["preference-applied"] == "wait=1"
    assert int(answer.headers["retry-after"]) > 0
    assert answer.headers["location"] == (f"{buyer.stack.base_url}{MUSIC}?job_id={told['job_id']}")
    assert "url" not in told
    looked = httpx.get(answer.headers["location"], headers=buyer.http.headers).json()
    assert (looked["success"], looked["status"], looked["credits"]) == (True, "processing", 12)
    assert buyer.account()["held"] == 12
    job = ended(buyer, MUSIC, told["job_id"])
    assert (job["status"], job["progress"]) == ("completed", 100)
    assert seconds_of(job["url"], tmp_path) == pytest.approx(12, abs=0.06)
    assert buyer.spent() == 12


@pytest.mark.parametrize(
    "model", first(1, ["elevenlabs-sfx", "elevenlabs-tts", "elevenlabs-music"])
)
def test_the_python_client_hears_it(buyer: Buyer, tmp_path: Path, model: str) -> None:
    fault(buyer, "rate_limited", retry_after=1)
    token = buyer.http.headers["authorization"].removeprefix("Bearer ")
    client = UnifiedGenerationService(buyer.stack.base_url, token, http=buyer.http)
    result = client.generate_audio("Rain on a tin roof", {"model": model})
    assert result.metadata.resolved_model == model
    seconds = seconds_of(result.url, tmp_path)
    assert result.metadata.duration_seconds == pytest.approx(seconds, abs=0.001)
    assert result.metadata.credits == buyer.spent()


def test_who_wants_the_sound_itself_is_led_to_it(buyer: Buyer) -> None:
    answer = order(buyer, TTS, SPEECH, Accept="audio/mpeg", Idempotency_Key="k")
    assert (answer.status_code, answer.content) == (303, b"")
    whole = httpx.get(answer.headers["location"], follow_redirects=True)
    assert whole.headers["content-type"] == "audio/mpeg"
    again = order(buyer, TTS, SPEECH, Accept="audio/mpeg", Idempotency_Key="k")
    assert again.headers["location"] == answer.headers["location"]
    assert again.headers["idempotent-replayed"] == "true"
    body = order(buyer, TTS, SPEECH, Idempotency_Key="k").json()
    assert body["url"] == answer.headers["location"]
    poll = f"{TTS}?job_id={body['job_id']}"
    assert buyer.http.get(poll, headers=SOUND_ONLY).headers["location"] == body["url"]
    assert buyer.http.get(poll).json()["url"] == body["url"]
    pending = order(buyer, TTS, SPEECH, Accept="audio/mpeg", Prefer="respond-async")
    assert pending.status_code == 202
    ended(buyer, TTS, pending.json()["job_id"])
    assert buyer.spent() == 2


WRONG: list[tuple[str, dict[str, Any]]] = [
    (TTS, {}),
    (TTS, {"text": ""}),
    (TTS, {"text": " \n "}),
    (TTS, {"text": "x" * 10_001}),
    (TTS, {"text": "a\x00b"}),
    (TTS, {"text": ["a"]}),
    (TTS, SPEECH | {"voiceId": "../../v1/user"}),
    (TTS, SPEECH | {"voiceId": ""}),
    (TTS, SPEECH | {"modelId": "gpt"}),
    (TTS, SPEECH | {"speed": 3}),
    (SFX, {"text": "x"}),
    (SFX, RAIN | {"duration": 0.4}),
    (SFX, RAIN | {"duration": 30.1}),
    (SFX, RAIN | {"duration": "5"}),
    (SFX, RAIN | {"duration": True}),
    (SFX, {"prompt": "x" * 451}),
    (MUSIC, PIANO | {"duration": 2.9}),
    (MUSIC, PIANO | {"duration": 601}),
    (MUSIC, {"prompt": "x" * 4_101}),
]


def test_what_can_not_be_made_is_refused_before_anything_is_held(
    buyer: Buyer, subtests: pytest.Subtests
) -> None:
    for path, body in WRONG:
        with subtests.test(path=path, body=str(body)[:80]):
            answer = order(buyer, path, body)
            told = answer.json()
            assert (answer.status_code, told["code"]) == (400, "invalid_input"), told
            assert told["details"][0]["message"]
            assert buyer.vendor_orders() == []
    assert buyer.account()["available"] == 1000
    assert buyer.jobs() == []


def test_without_credits_the_vendor_is_not_asked(poor: Buyer) -> None:
    answer = order(poor, SFX, RAIN)
    told = answer.json()
    assert (answer.status_code, told["code"]) == (402, "insufficient_credits")
    assert (told["required"], told["available"]) == (5, 3)
    assert told["top_up_url"].startswith("http")
    assert made(poor, TTS, SPEECH)["credits"] == 1
    assert len(poor.vendor_orders()) == 1
    assert poor.spent() == 1


def test_many_at_once_never_cost_more_than_there_is(poor: Buyer) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: order(poor, TTS, SPEECH, **NO_WAIT), range(8)))
    statuses = sorted(answer.status_code for answer in answers)
    assert statuses == [202] * 3 + [402] * 5
    for answer in answers:
        if answer.is_success:
            ended(poor, TTS, answer.json()["job_id"])
    assert poor.spent() == 3
    assert len(poor.vendor_orders()) == 3


def test_strangers_learn_nothing(buyer: Buyer, poor: Buyer) -> None:
    job_id = made(buyer, TTS, SPEECH)["job_id"]
    for path in (TTS, SFX, MUSIC):
        for wanted in (job_id, str(uuid.uuid4()), "../x"):
            answer = poor.http.get(path, params={"job_id": wanted})
            assert (answer.status_code, answer.json()["error"]) == (404, "Job not found")
        assert poor.http.get(path).json()["code"] == "invalid_input"
        assert httpx.get(f"{poor.stack.base_url}{path}?job_id={job_id}").status_code == 401
        assert httpx.post(f"{poor.stack.base_url}{path}", json={}).status_code == 401
        assert poor.http.put(path, json={}).status_code == 405
    for stranger in (buyer.workspace_id, str(uuid.uuid4())):
        answer = order(poor, TTS, SPEECH | {"workspaceId": stranger})
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert order(buyer, TTS, SPEECH | {"projectId": "my-project-id"}).status_code == 200


def test_videos_are_not_shown_here_and_sounds_not_among_videos(buyer: Buyer) -> None:
    sound = made(buyer, TTS, SPEECH)["job_id"]
    path = "/functions/v1/generate-social-video"
    assert buyer.http.get(path, params={"job_id": sound}).status_code == 404
    video = buyer.order(headers=NO_WAIT).json()["job_id"]
    assert buyer.http.get(TTS, params={"job_id": video}).status_code == 404
    buyer.ended(video)


def test_a_service_orders_for_a_member(buyer: Buyer, stack: Stack) -> None:
    headers = {"Authorization": f"Bearer {stack.seeder.auth.service_token}"}
    body = SPEECH | {"user_id": buyer.user_id}
    told = buyer.http.post(TTS, json=body, headers=headers).json()
    query = {"job_id": told["job_id"], "user_id": buyer.user_id}
    assert buyer.http.get(TTS, params=query, headers=headers).json()["success"] is True
    assert order(buyer, TTS, SPEECH | {"user_id": "somebody"}).status_code == 403


def test_the_same_key_is_one_sound(buyer: Buyer) -> None:
    first = order(buyer, TTS, SPEECH, Idempotency_Key="take-1")
    again = order(buyer, TTS, SPEECH, Idempotency_Key="take-1")
    assert again.content == first.content
    assert again.headers["idempotent-replayed"] == "true"
    other = order(buyer, TTS, {"text": "Another text"}, Idempotency_Key="take-1")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_mismatch")
    assert order(buyer, SFX, RAIN, Idempotency_Key="take-1").status_code == 200
    assert order(buyer, TTS, SPEECH, Idempotency_Key="k" * 256).status_code == 400
    assert buyer.spent() == 6


def test_a_key_whose_first_request_died_meets_its_job(buyer: Buyer) -> None:
    """The function is killed while it waits for the sound; the job is not."""
    fault(buyer, "slow", delay_seconds=3)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(order, buyer, TTS, SPEECH, Idempotency_Key="k")
        eventually(buyer.vendor_orders)
        buyer.kill("elevenlabs_tts")
        assert first.result().status_code >= 500

    def second() -> Any:
        answer = order(buyer, TTS, SPEECH, Idempotency_Key="k")
        return answer.json() if answer.status_code == 200 else None

    assert eventually(second)["characters"] == len(TEXT)
    assert len(buyer.vendor_orders()) == 1
    assert buyer.spent() == 1


def test_a_busy_vendor_is_asked_again(buyer: Buyer) -> None:
    fault(buyer, "rate_limited", retry_after=1)
    told = order(buyer, TTS, SPEECH).json()
    assert ended(buyer, TTS, told["job_id"])["status"] == "completed"
    assert len(buyer.vendor_orders()) == 2
    assert buyer.spent() == 1


@pytest.mark.parametrize(
    ("kind", "operation", "status", "code"),
    first(
        4,
        [
            ("content_policy", "submit", 400, "content_policy"),
            ("auth", "submit", 502, "provider_auth"),
            ("drop_reply", "submit", 502, "submit_unknown"),
            ("truncated", "result", 502, "bad_delivery"),
            ("invalid_input", "submit", 400, "provider_invalid_input"),
            ("quota", "submit", 502, "provider_quota"),
            ("model_gone", "submit", 502, "model_gone"),
            ("server_error", "submit", 502, "submit_unknown"),
            ("corrupt", "result", 502, "bad_delivery"),
            ("html", "result", 502, "bad_delivery"),
            ("empty", "result", 502, "submit_unknown"),
        ],
    ),
)
def test_a_failed_sound_costs_nothing_and_is_not_sent_twice(
    buyer: Buyer, kind: str, operation: str, status: int, code: str
) -> None:
    fault(buyer, kind, operation)
    answer = order(buyer, TTS, SPEECH)
    told = answer.json()
    assert (answer.status_code, told["code"]) == (status, code), told
    assert (told["success"], told["status"], told["credits"]) == (False, "failed", 0)
    looked = buyer.json("GET", f"{TTS}?job_id={told['job_id']}")
    assert (looked["success"], looked["status"], looked["code"]) == (False, "failed", code)
    assert "elevenlabs" not in (told["error"] + looked["error"]).lower()
    assert len(buyer.vendor_orders()) == 1
    assert buyer.spent() == 0
    made(buyer, TTS, SPEECH)


def test_a_key_whose_sound_failed_may_be_used_again(buyer: Buyer) -> None:
    fault(buyer, "content_policy")
    assert order(buyer, TTS, SPEECH, Idempotency_Key="k").status_code == 400
    assert order(buyer, TTS, SPEECH, Idempotency_Key="k").status_code == 200
    assert buyer.spent() == 1


def test_a_maker_that_is_killed_ends_the_job_without_a_second_create(buyer: Buyer) -> None:
    fault(buyer, "slow", delay_seconds=3)
    told = order(buyer, TTS, SPEECH, **NO_WAIT).json()
    eventually(buyer.vendor_orders)
    buyer.kill("generation_make")
    job = ended(buyer, TTS, told["job_id"])
    assert (job["status"], job["code"]) == ("failed", "submit_unknown")
    assert len(buyer.vendor_orders()) == 1
    assert buyer.spent() == 0


def test_a_canceled_sound_is_a_conflict(buyer: Buyer) -> None:
    fault(buyer, "slow", delay_seconds=3)
    told = order(buyer, MUSIC, PIANO, **NO_WAIT).json()
    buyer.json("POST", f"/api/jobs/{told['job_id']}/cancel")
    job = ended(buyer, MUSIC, told["job_id"])
    assert (job["status"], job["code"], job["credits"]) == ("failed", "canceled", 0)
    assert buyer.spent() == 0
