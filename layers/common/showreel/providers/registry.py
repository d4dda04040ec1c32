"""The adapters by name, imported on use and made with keys from the secret."""

from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from showreel.core.errors import NotFound, ProviderError
from showreel.core.secrets import secret
from showreel.core.settings import Providers, ProviderSecret, settings

if TYPE_CHECKING:  # most functions use none of these ports
    from showreel.providers.base import Provider
    from showreel.providers.synchronous import SynchronousProvider
    from showreel.providers.text import TextProvider
    from showreel.providers.webhooks import Webhook

BUILTIN = "builtin"
"""The provider of our own models, which FFmpeg makes here."""
PortName = Literal["jobs", "synchronous", "text"]


class Adapter(NamedTuple):
    """An adapter's port and class, its base URL's setting, and its keys' names in the secret."""

    port: PortName
    module: str
    class_name: str
    base_url: str
    keys: tuple[str, ...]
    webhooks: str = ""
    """The module that reads the vendor's webhooks; empty if it sends none."""
    webhook_key: str = ""
    """The name in the secret of the value that webhooks are verified with."""


_KLING_KEYS = ("kling_api_key", "kling_access_key", "kling_secret_key")
_KLING_WEBHOOKS = "kling.webhooks", "kling_webhook_secret"
_GOOGLE = "google_base_url", ("google_api_key",)
ADAPTERS: Mapping[str, Adapter] = {
    "kling": Adapter(
        "jobs", "kling.videos", "Kling", "kling_base_url", _KLING_KEYS, *_KLING_WEBHOOKS
    ),
    "kling-tasks": Adapter(
        "jobs", "kling.tasks", "KlingTasks", "kling_base_url", _KLING_KEYS[:1], *_KLING_WEBHOOKS
    ),
    "replicate": Adapter(
        "jobs",
        "replicate.predictions",
        "Replicate",
        "replicate_base_url",
        ("replicate_api_token",),
        "replicate.webhooks",
        "replicate_webhook_secret",
    ),
    "fal": Adapter(
        "jobs", "fal.queue", "Fal", "fal_queue_url", ("fal_key",), "fal.webhooks", "fal_user_id"
    ),
    "google-veo": Adapter("jobs", "google.veo", "GoogleVeo", *_GOOGLE),
    "google-interactions": Adapter("jobs", "google.interactions", "GoogleInteractions", *_GOOGLE),
    "gmi": Adapter("jobs", "gmi.queue", "Gmi", "gmi_base_url", ("gmi_api_key",)),
    "elevenlabs": Adapter(
        "synchronous",
        "elevenlabs.sounds",
        "ElevenLabs",
        "elevenlabs_base_url",
        ("elevenlabs_api_key",),
    ),
    "groq": Adapter("text", "groq.text", "Groq", "groq_base_url", ("groq_api_key",)),
    "gmi-text": Adapter("text", "gmi.text", "GmiText", "gmi_chat_base_url", ("gmi_api_key",)),
    "google-text": Adapter("text", "google.text", "GoogleText", *_GOOGLE),
}
"""Every adapter, by provider."""
SYNCHRONOUS = frozenset(name for name, row in ADAPTERS.items() if row.port == "synchronous")
"""Providers that answer a create with the file itself."""
TEXT = frozenset(name for name, row in ADAPTERS.items() if row.port == "text")
"""Providers that answer a create with a text."""


def get_provider(name: str) -> "Provider":
    """Returns the adapter of a vendor of jobs. Raises ProviderError for a name without one."""
    made: Provider = _made(name, "jobs")
    return made


def get_synchronous(name: str) -> "SynchronousProvider":
    """Returns the adapter of a vendor that answers with files. Raises ProviderError."""
    made: SynchronousProvider = _made(name, "synchronous")
    return made


def get_text(name: str) -> "TextProvider":
    """Returns the adapter of a vendor that answers with text. Raises ProviderError."""
    made: TextProvider = _made(name, "text")
    return made


def read_webhook(provider: str, headers: Mapping[str, str], body: bytes) -> "Webhook":
    """Verifies and parses a vendor's webhook.

    Raises NotFound for a vendor without webhooks, Unauthenticated and InvalidInput.
    """
    row = ADAPTERS.get(provider)
    if row is None or not row.webhooks:
        raise NotFound("No such provider")
    lower = {name.lower(): value for name, value in headers.items()}
    module = import_module(f"showreel.providers.{row.webhooks}")
    found: Webhook = module.read_webhook(lower, body, _key(row.webhook_key))
    return found


def _made(name: str, port: PortName) -> Any:
    row = ADAPTERS.get(name)
    if row is None or row.port != port:
        raise ProviderError("no adapter for this provider")
    adapter = getattr(import_module(f"showreel.providers.{row.module}"), row.class_name)
    return adapter(getattr(settings(Providers), row.base_url), *map(_key, row.keys))


def _key(name: str) -> str:
    return str(secret(settings(ProviderSecret).provider_secret_arn).get(name, ""))
