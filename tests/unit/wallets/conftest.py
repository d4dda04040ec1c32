"""Tables, secrets and settings for signing in, in this process."""

import json
import math
from collections.abc import Iterator
from typing import Any

import pytest

from showreel.core import secrets
from showreel.core import settings as core_settings
from showreel.identity import store as identity
from showreel.wallets import service, store
from showreel.wallets.schemas import WalletRequest
from tests.support.cloud import empty_cloud
from tests.support.wallets import DOMAIN, Wallet

AUTH, RUNS = "arn:aws:secretsmanager:eu-central-1:1:secret:auth", "arn:aws:secretsmanager:e:1:runs"
SECRET = "a-shared-secret-of-more-than-32-bytes"
WELCOME = 40
ENVIRONMENT = {
    "AUTH_SECRET_ARN": AUTH,
    "RUN_TOKEN_SECRET_ARN": RUNS,
    "IDEMPOTENCY_TABLE": "idempotency",
    "JWT_ISSUER": "https://id.example.com/",
    "JWT_AUDIENCE": "authenticated",
    "ALLOWED_ORIGIN": "https://app.example.com",
    "WALLET_CHAIN_IDS": "1,137",
    "WELCOME_CREDITS": str(WELCOME),
}
OWN_URL = f"https://{DOMAIN}/prod"
SOURCE = "203.0.113.7"


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with empty_cloud():
        for name, value in ENVIRONMENT.items():
            monkeypatch.setenv(name, value)
        for arn, held in ((AUTH, {"jwt_secret": SECRET}), (RUNS, {"run_token_key": "key"})):
            monkeypatch.setitem(secrets._kept, arn, (math.inf, json.dumps(held)))
        clear()
        yield
    clear()


def clear() -> None:
    core_settings.settings.cache_clear()
    store.wallets.cache_clear()
    identity.workspaces.cache_clear()


def act(body: dict[str, Any], source: str = SOURCE) -> Any:
    return service.act(WalletRequest.model_validate(body), OWN_URL, source)


def message(wallet: Wallet, **changes: Any) -> str:
    """A message with a nonce of our own, changed as asked."""
    nonce = changes.pop("nonce", None) or service.nonce().nonce
    return wallet.message(nonce, **changes)


def sign_in(wallet: Wallet, **changes: Any) -> Any:
    return act(wallet.wish(message(wallet, **changes)))
