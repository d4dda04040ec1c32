"""A wallet with a key of its own, which signs what it is asked to."""

from datetime import UTC, datetime, timedelta
from typing import Any

from coincurve import PrivateKey

from showreel.wallets.signatures import ORDER, keccak, message_hash

DOMAIN = "api.example.com"


class Wallet:
    """An account of Ethereum, made from a number."""

    def __init__(self, number: int = 1) -> None:
        self._key = PrivateKey(number.to_bytes(32))
        public = self._key.public_key.format(compressed=False)
        self.address = f"0x{keccak(public[1:])[-20:].hex()}"

    def sign(self, message: str, *, v: int = 27, high_s: bool = False) -> str:
        """`personal_sign`, as wallets answer it; or the other form of the same signature."""
        data = self._key.sign_recoverable(message_hash(message), hasher=None)
        r, s, parity = data[:32], int.from_bytes(data[32:64]), data[64]
        if high_s:
            s, parity = ORDER - s, 1 - parity
        return f"0x{(r + s.to_bytes(32) + bytes([v + parity])).hex()}"

    def message(self, nonce: str, **changes: Any) -> str:
        """A message of EIP-4361; a change to None leaves an optional line out."""
        host = changes.get("domain", DOMAIN)
        told = {"scheme": "", "domain": DOMAIN, "address": self.address, "version": "1"}
        told |= {"statement": "Welcome to Showreel.", "uri": f"https://{host}/login"}
        told |= {"chain_id": "1", "nonce": nonce, "issued_at": at(0)} | changes
        statement = "" if told["statement"] is None else f"{told['statement']}\n"
        lines = [
            f"{told['scheme']}{told['domain']} wants you to sign in with your Ethereum account:",
            f"{told['address']}\n\n{statement}",
            f"URI: {told['uri']}",
            f"Version: {told['version']}",
            f"Chain ID: {told['chain_id']}",
            f"Nonce: {told['nonce']}",
            f"Issued At: {told['issued_at']}",
        ]
        optional = {"Expiration Time": "expiration_time", "Not Before": "not_before"}
        optional["Request ID"] = "request_id"
        lines += [f"{name}: {told[key]}" for name, key in optional.items() if key in told]
        if "resources" in told:
            lines += ["Resources:", *(f"- {one}" for one in told["resources"])]
        return "\n".join(lines)

    def request(self, message: str, **signing: Any) -> dict[str, str]:
        """The body that signs in."""
        signature = self.sign(message, **signing)
        return {"walletAddress": self.address, "message": message, "signature": signature}


def at(seconds: float) -> str:
    """A moment so many seconds from now."""
    moment = datetime.now(UTC) + timedelta(seconds=seconds)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
