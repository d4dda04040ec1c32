"""Base classes of adapters: the key, calls with it, and creates that are sent once."""

from collections.abc import Mapping
from typing import Any

from showreel.core.errors import ProviderAuth, ProviderTimeout
from showreel.providers.base import Lookup, Recovery, SubmitUnknown, VendorTask
from showreel.providers.http import MAX_BODY_BYTES, Answer, call, check


class ProviderAccount:
    """An account at a vendor; `key_header` carries the key as `key_form` says."""

    key_header = "authorization"
    key_form = "Bearer {}"
    health_path = ""
    """Path of the health check, a free read; empty for vendors whose creates can be looked up."""

    def __init__(self, base_url: str, key: str) -> None:
        self.base_url = base_url
        self._key = key

    def _headers(self) -> dict[str, str]:
        """Returns the header with the key. Raises ProviderAuth without one."""
        if not self._key:
            raise ProviderAuth("no key for this vendor")
        return {self.key_header: self.key_form.format(self._key)}

    def check_health(self, upstream: str) -> None:
        """Sends the health check, if there is one. Raises ProviderUpstream without an answer."""
        if path := self._health_path(upstream):
            check(self.base_url, path, headers=self._headers())

    def _health_path(self, upstream: str) -> str:  # noqa: ARG002 - one vendor's depends on it
        return self.health_path


class JobsAccount(ProviderAccount):
    """An account at a vendor of jobs. By default creates can't be looked up, and the vendor has no
    webhooks and no cancel.
    """

    recovery: Recovery = "none"
    has_webhooks = False
    keeps_seconds = 86_400
    reads_pictures = False

    def find(self, lookup: Lookup) -> VendorTask | None:  # noqa: ARG002 - the port's signature
        """Returns None: the vendor can't be asked."""
        return None

    def cancel(self, task: VendorTask) -> bool:  # noqa: ARG002 - the port's signature
        """Returns False: the vendor has no such call."""
        return False

    def _call(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        max_body_bytes: int = MAX_BODY_BYTES,
    ) -> Answer:
        sent = {**self._headers(), **(headers or {})}
        return call(
            self.base_url, method, path, headers=sent, body=body, max_body_bytes=max_body_bytes
        )

    def _create(
        self, path: str, body: Mapping[str, Any], headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Sends a create. Raises SubmitUnknown if it was not answered but may have arrived."""
        try:
            return self._call("POST", path, body, headers=headers)
        except ProviderTimeout as error:
            raise SubmitUnknown("the create was not answered") from error
