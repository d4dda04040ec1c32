"""ElevenLabs: one POST, answered with the sound. Nothing can be looked up afterwards.

Errors are `{"detail": {"type", "code", "status", "message"}}` (the vendor's page "Errors"), where
`status` is the older code and may be the only one; for a field of the wrong shape `detail` is a
list. A spent quota comes as 401 as well as 402, so codes are read before HTTP statuses.
"""

import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, NoReturn

import httpx

from showreel.core.errors import (
    ProviderAuth,
    ProviderContentPolicy,
    ProviderError,
    ProviderInvalidInput,
    ProviderModelGone,
    ProviderQuota,
    ProviderRateLimited,
    ProviderTimeout,
    ProviderUpstream,
)
from showreel.providers.accounts import ProviderAccount
from showreel.providers.base import SubmitUnknown
from showreel.providers.errors import REFUSED, Statuses, refusal, refuse
from showreel.providers.http import MAX_BODY_BYTES, Answer, opened, read_answer
from showreel.providers.synchronous import MadeFile, MakeRequest

KEY_HEADER = "xi-api-key"
FORMAT = "mp3_44100_128"
MP3_FORMAT = re.compile(r"mp3_[0-9]{5}_[0-9]{2,3}")
CONTENT_TYPE = "audio/mpeg"
MAX_FILE_BYTES = 100_000_000
IDLE_SECONDS = 30.0
"""How long the vendor may pause within the file. Before the first byte only the total counts."""
VOICE_ID = re.compile(r"[A-Za-z0-9]{1,64}")
COST = re.compile(r"[0-9]{1,7}")
WORDS: dict[type[ProviderError], str] = {
    ProviderAuth: (
        "invalid_api_key missing_api_key needs_authorization invalid_authorization_header "
        "missing_permissions insufficient_permissions detected_unusual_activity forbidden"
    ),
    ProviderQuota: (
        "quota_exceeded insufficient_credits payment_required paid_plan_required "
        "subscription_required feature_not_available"
    ),
    ProviderRateLimited: (
        "rate_limit_exceeded concurrent_limit_exceeded too_many_concurrent_requests system_busy"
    ),
    ProviderContentPolicy: "content_against_policy bad_prompt bad_composition_plan",
    ProviderModelGone: (
        "model_not_found model_deprecated_free_tier model_deprecated model_access_denied"
    ),
    ProviderInvalidInput: (
        "invalid_parameters voice_not_found voice_access_denied invalid_voice_id invalid_uid "
        "empty_text input_text_empty text_too_long max_character_limit_exceeded "
        "invalid_voice_settings invalid_generation_settings invalid_output_format "
        "unsupported_model"
    ),
    ProviderUpstream: "service_unavailable maintenance",
}
"""From the vendor's pages "Errors" and "API - Error Code 400 or 401"; those about content and
models as customers report them."""
CODES = {word: error for error, words in WORDS.items() for word in words.split()}
STATUSES: Statuses = {**REFUSED, 404: ProviderInvalidInput}
"""For answers without a known code."""


class ElevenLabs(ProviderAccount):
    """The adapter of ElevenLabs."""

    name = "elevenlabs"
    key_header = KEY_HEADER
    key_form = "{}"
    health_path = "/v1/models"

    def make(self, request: MakeRequest, path: Path, *, total_seconds: float) -> MadeFile:
        """Writes the file to `path`; removes it after an error."""
        url, body = _path(request), _body(request)
        try:
            with path.open("wb") as file, self._answered(url, body, total_seconds) as (answer, end):
                return _received(answer, file, end)
        except BaseException:
            path.unlink(missing_ok=True)
            raise

    @contextmanager
    def _answered(
        self, url: str, body: Mapping[str, Any], total_seconds: float
    ) -> Iterator[tuple[httpx.Response, float]]:
        """Yields the answer and its deadline.

        Raises NotSent, or SubmitUnknown for every later break.
        """
        deadline = time.monotonic() + total_seconds
        headers = {**self._headers(), "accept": CONTENT_TYPE}
        try:
            with opened(
                self.base_url, "POST", url, headers=headers, body=body, idle_seconds=total_seconds
            ) as response:
                yield response, deadline
        except (httpx.HTTPError, httpx.StreamError, OSError) as error:
            raise SubmitUnknown("the create was not answered to its end") from error


def _path(request: MakeRequest) -> str:
    """Returns the path of the call. Raises ProviderInvalidInput for a bad voice or format."""
    output = request.parameters.get("output_format", FORMAT)
    if not isinstance(output, str) or not MP3_FORMAT.fullmatch(output):
        raise ProviderInvalidInput("only MP3 is asked for")
    if request.kind != "speech":
        name = "sound-generation" if request.kind == "sound" else "music"
        return f"/v1/{name}?output_format={output}"
    if not VOICE_ID.fullmatch(request.voice_id or ""):
        raise ProviderInvalidInput("the voice's id is none")
    return f"/v1/text-to-speech/{request.voice_id}?output_format={output}"


def _body(request: MakeRequest) -> dict[str, Any]:
    parameters = {name: of for name, of in request.parameters.items() if name != "output_format"}
    body = {**parameters, "model_id": request.upstream}
    seconds = request.duration_seconds
    if request.kind == "music":
        length = {} if seconds is None else {"music_length_ms": round(seconds * 1000)}
        return {**body, "prompt": request.text, **length}
    has_length = request.kind == "sound" and seconds is not None
    return {**body, "text": request.text, **({"duration_seconds": seconds} if has_length else {})}


def _received(response: httpx.Response, file: IO[bytes], deadline: float) -> MadeFile:
    """Writes the sound to the file. Raises SubmitUnknown for a 200 without one, which is billed."""
    if response.status_code != 200:
        _refused(_error_answer(response, deadline))
    content_type = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    if content_type != CONTENT_TYPE or "content-encoding" in response.headers:
        raise SubmitUnknown("the vendor's answer is no sound")
    _limit_pauses(response, deadline)
    total_bytes = 0
    for chunk in response.iter_raw():
        total_bytes += len(chunk)
        if total_bytes > MAX_FILE_BYTES or time.monotonic() > deadline:
            raise SubmitUnknown("the vendor's answer is too long")
        file.write(chunk)
    file.flush()
    if total_bytes == 0:
        raise SubmitUnknown("the vendor's answer is empty")
    return MadeFile(content_type, _characters(response.headers.get("character-cost", "")))


def _limit_pauses(response: httpx.Response, deadline: float) -> None:
    """Limits the wait of reads within the body; the first one might wait longer."""
    left_seconds = max(deadline - time.monotonic(), 0.0)
    response.request.extensions["timeout"]["read"] = min(IDLE_SECONDS, left_seconds)


def _characters(cost: str) -> int | None:
    """Parses the vendor's credits, which are half a credit per character for fast models."""
    return int(cost) if COST.fullmatch(cost) else None


def _error_answer(response: httpx.Response, deadline: float) -> Answer:
    _limit_pauses(response, deadline)
    try:
        return read_answer(response, deadline, MAX_BODY_BYTES)
    except ProviderTimeout as error:
        raise SubmitUnknown("the create was answered by nothing usable") from error


def _refused(answer: Answer) -> NoReturn:
    """Raises why a create was refused, or SubmitUnknown if the answer isn't clear about it."""
    refuse(refusal(answer, STATUSES, _by_word(answer)), answer)


def _by_word(answer: Answer) -> type[ProviderError] | None:
    """Returns the class of the first known code; `code` is newer and finer than `status`."""
    detail = (answer.body or {}).get("detail")
    words = [detail.get(name) for name in ("code", "status")] if isinstance(detail, dict) else []
    return next((CODES[word] for word in words if isinstance(word, str) and word in CODES), None)
