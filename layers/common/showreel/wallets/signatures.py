"""Recovers who signed a message: `personal_sign` of EIP-191 with a secp256k1 key.

Smart accounts have no key: their signatures (ERC-1271, ERC-6492) can only be checked on their
chain, which isn't done here.
"""

from showreel.core.errors import InvalidInput

ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
"""The order of the curve's group (SEC 2, section 2.4.1)."""
SIGNATURE_BYTES = 65
ERC6492_SUFFIX = bytes.fromhex("6492" * 16)
RECOVERY_IDS = {0: 0, 1: 1, 27: 0, 28: 1}
"""The recovery id by the signature's last byte: wallets use both forms."""


def signer(message: str, signature: str) -> str:
    """Returns the address, in small letters, whose key made the signature.

    Raises InvalidInput: `bad_signature`, `malleable_signature` for the form with a high s (EIP-2),
    `contract_wallet` for a smart account's.
    """
    r, s, recovery_id = _parts(_bytes(signature))
    from coincurve import PublicKey

    compact = r.to_bytes(32) + s.to_bytes(32) + bytes([recovery_id])
    try:
        public = PublicKey.from_signature_and_message(compact, message_hash(message), hasher=None)
    except ValueError as error:
        raise _bad("The signature is of no key") from error
    return f"0x{keccak(public.format(compressed=False)[1:])[-20:].hex()}"


def message_hash(message: str) -> bytes:
    """Returns the hash of a text that a wallet signs (EIP-191, version 0x45)."""
    data = message.encode()
    return keccak(b"\x19Ethereum Signed Message:\n%d%b" % (len(data), data))


def keccak(data: bytes) -> bytes:
    """Returns Keccak-256 as Ethereum uses it, which differs from SHA3-256 in its padding."""
    from sha3 import keccak_256

    digest: bytes = keccak_256(data).digest()
    return digest


def _bytes(signature: str) -> bytes:
    try:
        data = bytes.fromhex(signature.removeprefix("0x"))
    except ValueError as error:
        raise _bad("The signature is not hexadecimal") from error
    if data.endswith(ERC6492_SUFFIX) or len(data) > SIGNATURE_BYTES:
        raise InvalidInput(
            "A smart account's signature can't be checked here; sign with a key of your own",
            code="contract_wallet",
            field="signature",
        )
    if len(data) != SIGNATURE_BYTES:
        raise _bad(f"A signature has {SIGNATURE_BYTES} bytes")
    return data


def _parts(data: bytes) -> tuple[int, int, int]:
    """Returns r, s and the recovery id, which says which of two keys signed."""
    r, s = int.from_bytes(data[:32]), int.from_bytes(data[32:64])
    if data[64] not in RECOVERY_IDS or not (0 < r < ORDER and 0 < s < ORDER):
        raise _bad("The signature's numbers are out of range")
    if s > ORDER // 2:
        message = "The signature is in its malleable form (high s)"
        raise InvalidInput(message, code="malleable_signature", field="signature")
    return r, s, RECOVERY_IDS[data[64]]


def _bad(message: str) -> InvalidInput:
    return InvalidInput(message, code="bad_signature", field="signature")
