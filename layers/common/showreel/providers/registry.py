"""The adapters by name, made on first use with keys from the secret."""

from showreel.core.errors import ProviderError
from showreel.core.secrets import secret
from showreel.core.settings import Providers, ProviderSecret, settings
from showreel.providers.base import Provider

BUILTIN = "builtin"
"""The name of our own models: no vendor, our own FFmpeg."""


def get_provider(name: str) -> Provider:
    """The adapter. Raises ProviderError for a name that has none."""
    if name != "kling":
        raise ProviderError(f"no adapter for {name}")
    return _kling()


def _kling() -> Provider:
    from showreel.providers.kling import Keys, Kling

    configured = settings(Providers)
    keys = secret(configured.provider_secret_arn)
    return Kling(
        configured.kling_base_url,
        Keys(
            api_key=keys.get("kling_api_key", ""),
            access_key=keys.get("kling_access_key", ""),
            secret_key=keys.get("kling_secret_key", ""),
        ),
    )


def webhook_secret(provider: str) -> str:
    """The secret that the vendor signs its webhooks with; empty if it signs none."""
    keys = secret(settings(ProviderSecret).provider_secret_arn)
    return str(keys.get(f"{provider}_webhook_secret", ""))
