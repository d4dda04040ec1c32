"""The URLs that vendors call, each bound by our signature to one attempt at one vendor.

A vendor's own signature tells who speaks, and not about which job: whoever has an account there can
make the vendor sign something. Only who was given the URL can call it.
"""

from collections.abc import Mapping
from urllib.parse import urlencode

from showreel.core.errors import Unauthenticated
from showreel.core.signing import is_signed, sign
from showreel.generation.models import Job
from showreel.providers.base import Provider

PURPOSE = "callback"
MAX_ATTEMPT_CHARS = 100


def callback_url(job: Job, provider: Provider) -> str | None:
    """Returns where the vendor's webhooks go: our https base. Plain http only to a vendor that is
    itself spoken to in plain http, which is one on this machine.
    """
    base = job.public_base_url.rstrip("/")
    is_plain = provider.base_url.startswith("http://") and base.startswith("http://")
    if not base.startswith("https://") and not is_plain:
        return None
    signature = sign(PURPOSE, f"{job.provider}:{job.external_id}")
    query = urlencode({"attempt": job.external_id, "signature": signature})
    return f"{base}/webhooks/{job.provider}?{query}"


def called_attempt(provider: str, query: Mapping[str, str]) -> str:
    """Returns the attempt key of a URL that was called. Raises Unauthenticated if we never gave
    that URL to that vendor.
    """
    attempt, signature = query.get("attempt", ""), query.get("signature", "")
    is_usable = 0 < len(attempt) <= MAX_ATTEMPT_CHARS and attempt.isascii()
    if not is_usable or not is_signed(PURPOSE, f"{provider}:{attempt}", signature):
        raise Unauthenticated("This is no callback URL of ours")
    return attempt
