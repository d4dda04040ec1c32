"""A wallet: a key that signs texts as Ethereum's wallets do."""

import json

import httpx
from coincurve import PrivateKey

from showreel.wallets.signatures import keccak, message_hash

PATH = "/functions/v1/wallet-auth"


class Wallet:
    """An account of Ethereum with this key, or a new one."""

    def __init__(self, key: bytes | None = None) -> None:
        self._key = PrivateKey(key)
        public = self._key.public_key.format(compressed=False)
        self.address = f"0x{keccak(public[1:])[-20:].hex()}"

    def sign(self, message: str) -> str:
        """Returns what `personal_sign` answers."""
        signature = self._key.sign_recoverable(message_hash(message), hasher=None)
        return f"0x{signature[:64].hex()}{27 + signature[64]:02x}"

    def request(self, http: httpx.Client) -> str:
        """Returns the body that signs the wallet in at the API that `http` calls."""
        asked = http.get(PATH).raise_for_status().json()
        url = http.base_url.copy_with(scheme="https")  # http is for localhost alone
        message = (
            f"{http.base_url.netloc.decode()} wants you to sign in with your Ethereum account:\n"
            f"{self.address}\n\n\nURI: {url}\nVersion: 1\nChain ID: 1\nNonce: {asked['nonce']}\n"
            f"Issued At: {asked['issued_at']}"
        )
        wish = {"walletAddress": self.address, "message": message}
        return json.dumps(wish | {"signature": self.sign(message)})
