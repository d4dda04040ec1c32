"""How soon streams reach their reader: a text after the vendor's first word, shots after theirs.

The simulated vendor answers without a pause and notes when the call came in. What passes from then
to the reader's first byte is ours: the vendor's client, the runtime loop, the gateway. A model that
thinks first is silent meanwhile; its thoughts are not passed on. Warm functions, one reader at a
time. Exits with 1 if the target is missed.
"""

import statistics
import sys
import time
from collections.abc import Iterator
from typing import Any

import httpx

from bench import shots
from local.settings import StackSettings
from local.stack import Stack

TARGET_MS = 100
WARM_UPS, READERS = 3, 20
CREDITS = 1000
ENDPOINTS = {
    "groq-chat": "llama-3.3-70b-versatile",
    "gemini-text-generation": "google/gemini-2.5-flash",
}


def main() -> int:
    """Entry point. Returns the exit status."""
    with Stack(StackSettings(generation_seconds=0.2)) as stack:
        settings = f"{stack.providers_url}/_sim/settings"
        httpx.post(settings, json={"text_delay_seconds": 0}).raise_for_status()
        tenant = httpx.post(f"{stack.aws_endpoint}/_local/workspaces", json={"credits": CREDITS})
        token = tenant.raise_for_status().json()["token"]
        medians = [_show(name, list(_delays(stack, token, name))) for name in ENDPOINTS]
        are_shots_soon = shots.main(stack)
    return 0 if max(medians) <= TARGET_MS and are_shots_soon else 1


def _delays(stack: Stack, token: str, name: str) -> Iterator[float]:
    """Milliseconds between the vendor's answer and the reader's first byte."""
    for reader in range(WARM_UPS + READERS):
        prompt = f"Three lines about rain, for reader {reader} of {name}"
        first_byte_ms = _first_byte_ms(stack, token, name, prompt)
        if reader >= WARM_UPS:
            yield first_byte_ms - _answered_ms(stack, prompt)


def _first_byte_ms(stack: Stack, token: str, name: str, prompt: str) -> float:
    url = f"{stack.base_url}/functions/v1/{name}"
    body = {"prompt": prompt, "model": ENDPOINTS[name], "stream": True, "maxTokens": 60}
    headers = {"Authorization": f"Bearer {token}"}
    with httpx.stream("POST", url, json=body, headers=headers, timeout=60) as answer:
        answer.raise_for_status()
        pieces = answer.iter_raw()
        next(pieces)
        arrived = time.time() * 1000
        for _ in pieces:
            pass
    return arrived


def _answered_ms(stack: Stack, prompt: str) -> float:
    found: Any = httpx.get(
        f"{stack.providers_url}/_sim/tasks", params={"prompt_contains": prompt}
    ).json()
    return float(found["tasks"][-1]["submitted_ms"])


def _show(name: str, delays_ms: list[float]) -> float:
    median = statistics.median(delays_ms)
    print(
        f"{name:<24} first byte after the vendor's: "
        f"{median:.0f} ms median, {max(delays_ms):.0f} ms most (target {TARGET_MS})"
    )
    return median


if __name__ == "__main__":
    sys.exit(main())
