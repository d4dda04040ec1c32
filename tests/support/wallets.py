"""A wallet with a key of its own, which signs what it is asked to."""

from datetime import UTC, datetime, timedelta
from typing import Any

from local.sam_local.wallet import Wallet as Signer
from showreel.wallets.signatures import ORDER

DOMAIN = "api.example.com"


class Wallet(Signer):
    """An account of Ethereum, made from a number."""

    def __init__(self, number: int = 1) -> None:
        super().__init__(number.to_bytes(32))

    def sign_as(self, message: str, *, v: int = 27, high_s: bool = False) -> str:
        """The signature with another last byte, or in its other form."""
        data = bytes.fromhex(self.sign(message)[2:])
        s, parity = int.from_bytes(data[32:64]), data[64] - 27
        if high_s:
            s, parity = ORDER - s, 1 - parity
        return f"0x{(data[:32] + s.to_bytes(32) + bytes([v + parity])).hex()}"

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

    def wish(self, message: str, **signing: Any) -> dict[str, str]:
        """The body that signs in with this message."""
        signature = self.sign_as(message, **signing)
        return {"walletAddress": self.address, "message": message, "signature": signature}


def at(seconds: float) -> str:
    """A moment so many seconds from now."""
    moment = datetime.now(UTC) + timedelta(seconds=seconds)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
