"""The adapters by name, made on first use with keys from the secret."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from showreel.core.errors import ProviderError
from showreel.core.secrets import secret
from showreel.core.settings import Providers, ProviderSecret, settings
from showreel.providers.base import Provider

if TYPE_CHECKING:  # ports that most functions never use
    from showreel.providers.synchronous import InstantProvider
    from showreel.providers.text import TextProvider

BUILTIN = "builtin"
"""The name of our own models: no vendor, our own FFmpeg."""
INSTANT = frozenset({"elevenlabs"})
"""Vendors that answer a create with the file itself."""


def get_provider(name: str) -> Provider:
    """The adapter. Raises ProviderError for a name that has none."""
    make = _MAKERS.get(name)
    if make is None:
        raise ProviderError("no adapter for this provider")
    return make()


def get_instant(name: str) -> "InstantProvider":
    """The adapter of a vendor that answers with files. Raises ProviderError."""
    from showreel.providers.elevenlabs.adapter import ElevenLabs

    if name not in INSTANT:
        raise ProviderError("no adapter for this provider")
    return ElevenLabs(
        settings(Providers).elevenlabs_base_url, _keys().get("elevenlabs_api_key", "")
    )


def get_text(name: str) -> "TextProvider":
    """The adapter of a vendor that answers with text. Raises ProviderError."""
    make = _TEXT_MAKERS.get(name)
    if make is None:
        raise ProviderError("no adapter for this provider")
    return make()


def _keys() -> dict[str, str]:
    return secret(settings(ProviderSecret).provider_secret_arn)


def _kling() -> Provider:
    from showreel.providers.kling.videos import Keys, Kling

    keys = _keys()
    return Kling(
        settings(Providers).kling_base_url,
        Keys(
            api_key=keys.get("kling_api_key", ""),
            access_key=keys.get("kling_access_key", ""),
            secret_key=keys.get("kling_secret_key", ""),
        ),
    )


def _kling_tasks() -> Provider:
    from showreel.providers.kling.tasks import KlingTasks

    return KlingTasks(settings(Providers).kling_base_url, _keys().get("kling_api_key", ""))


def _replicate() -> Provider:
    from showreel.providers.replicate.adapter import Replicate

    return Replicate(settings(Providers).replicate_base_url, _keys().get("replicate_api_token", ""))


def _google_veo() -> Provider:
    from showreel.providers.google.veo import GoogleVeo

    return GoogleVeo(settings(Providers).google_base_url, _keys().get("google_api_key", ""))


def _google_interactions() -> Provider:
    from showreel.providers.google.interactions import GoogleInteractions

    base_url = settings(Providers).google_base_url
    return GoogleInteractions(base_url, _keys().get("google_api_key", ""))


def _fal() -> Provider:
    from showreel.providers.fal.adapter import Fal

    return Fal(settings(Providers).fal_queue_url, _keys().get("fal_key", ""))


def _gmi() -> Provider:
    from showreel.providers.gmi.adapter import Gmi

    return Gmi(settings(Providers).gmi_base_url, _keys().get("gmi_api_key", ""))


def _groq() -> "TextProvider":
    from showreel.providers.groq.text import Groq

    return Groq(settings(Providers).groq_base_url, _keys().get("groq_api_key", ""))


def _gmi_text() -> "TextProvider":
    from showreel.providers.gmi.text import GmiText

    return GmiText(settings(Providers).gmi_chat_base_url, _keys().get("gmi_api_key", ""))


def _google_text() -> "TextProvider":
    from showreel.providers.google.text import GoogleText

    return GoogleText(settings(Providers).google_base_url, _keys().get("google_api_key", ""))


_TEXT_MAKERS: dict[str, "Callable[[], TextProvider]"] = {
    "groq": _groq,
    "gmi-text": _gmi_text,
    "google-text": _google_text,
}
_MAKERS: dict[str, Callable[[], Provider]] = {
    "kling": _kling,
    "kling-tasks": _kling_tasks,
    "replicate": _replicate,
    "google-veo": _google_veo,
    "google-interactions": _google_interactions,
    "fal": _fal,
    "gmi": _gmi,
}


def webhook_secret(provider: str) -> str:
    """The secret that the vendor signs its webhooks with; empty if it signs none."""
    vendor = provider.partition("-")[0]
    return str(_keys().get(f"{vendor}_webhook_secret", ""))
