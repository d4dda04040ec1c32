"""The callback URLs of vendors, each signed by us for one attempt at one vendor.

A vendor's own signature proves the sender, not the job: whoever has an account there can make the
vendor sign something. Only who was given the URL can call it.
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
    """Returns the URL for the vendor's webhooks; None without an https base URL. Plain http is for
    vendors that are called in plain http themselves: simulators on this machine.
    """
    base = job.public_base_url.rstrip("/")
    is_plain = provider.base_url.startswith("http://") and base.startswith("http://")
    if not base.startswith("https://") and not is_plain:
        return None
    signature = sign(PURPOSE, f"{job.provider}:{job.external_id}")
    query = urlencode({"attempt": job.external_id, "signature": signature})
    return f"{base}/webhooks/{job.provider}?{query}"


def called_attempt(provider: str, query: Mapping[str, str]) -> str:
    """Returns the attempt key in a called URL's query. Raises Unauthenticated if we never gave that
    URL to that vendor.
    """
    attempt, signature = query.get("attempt", ""), query.get("signature", "")
    is_usable = 0 < len(attempt) <= MAX_ATTEMPT_CHARS and attempt.isascii()
    if not is_usable or not is_signed(PURPOSE, f"{provider}:{attempt}", signature):
        raise Unauthenticated("This is no callback URL of ours")
    return attempt
