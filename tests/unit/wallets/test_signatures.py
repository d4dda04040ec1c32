"""Whose a signature is, and which are not looked at."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from showreel.core.errors import InvalidInput
from showreel.wallets.signatures import ERC6492_SUFFIX, ORDER, keccak, message_hash, signer
from tests.support.wallets import Wallet

WALLET = Wallet(0x1234)
MESSAGE = "Grüße, 世界"


def code(signature: str) -> str:
    with pytest.raises(InvalidInput) as caught:
        signer(MESSAGE, signature)
    assert caught.value.details["details"][0]["field"] == "signature"
    return caught.value.code


def test_hashes_and_addresses_are_those_of_ethereum() -> None:
    assert keccak(b"").hex() == "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"
    hashed = "a1de988600a42c4b4ab089b619297c17d53cffae5d5120d82d8a92d0bb3b78f2"
    assert message_hash("Hello World").hex() == hashed
    assert Wallet(1).address == "0x7e5f4552091a69125d5dfcb7b8c2659029395bdf"


PRINTABLE = st.characters(exclude_categories=("C", "Z"), include_characters=" ")


@given(st.integers(1, 2**200), st.text(PRINTABLE, max_size=40))
def test_a_signature_is_its_signers_and_no_other_texts(number: int, text: str) -> None:
    wallet = Wallet(number)
    signature = wallet.sign(text)
    assert signer(text, signature) == wallet.address
    assert signer(text, signature.upper().replace("0X", "0x")) == wallet.address
    assert signer(text + "!", signature) != wallet.address


@pytest.mark.parametrize("v", [0, 27])
def test_the_malleable_form_is_refused(v: int) -> None:
    signer(MESSAGE, WALLET.sign_as(MESSAGE, v=v))
    assert code(WALLET.sign_as(MESSAGE, v=v, high_s=True)) == "malleable_signature"


def test_half_the_order_is_the_limit() -> None:
    r, half = WALLET.sign(MESSAGE)[2:66], ORDER // 2
    assert code(f"0x{r}{half + 1:064x}1b") == "malleable_signature"
    signer(MESSAGE, f"0x{r}{half:064x}1b")


def test_a_smart_accounts_signature_is_distinguished_from_a_broken_one() -> None:
    wrapped = WALLET.sign(MESSAGE) + "00" * 31 + ERC6492_SUFFIX.hex()
    assert code(wrapped) == "contract_wallet"
    assert code(f"0x{ERC6492_SUFFIX.hex()}") == "contract_wallet"
    assert code(WALLET.sign(MESSAGE) * 2) == "bad_signature"
    assert code(WALLET.sign(MESSAGE) + WALLET.sign(MESSAGE)[2:]) == "contract_wallet"


@pytest.mark.parametrize(
    "signature",
    [
        "",
        "0x",
        "0xzz",
        "0x123",
        WALLET.sign(MESSAGE)[:-2],
        WALLET.sign(MESSAGE)[:130],
        WALLET.sign(MESSAGE)[:-2] + "02",
        WALLET.sign(MESSAGE)[:-2] + "1d",
        WALLET.sign(MESSAGE)[:-2] + "25",
        f"0x{0:064x}{1:064x}1b",
        f"0x{1:064x}{0:064x}1b",
        f"0x{ORDER:064x}{1:064x}1b",
        f"0x{1:064x}{ORDER:064x}1b",
        f"0x{5:064x}{1:064x}1b",
        "0x" + "00" * 65,
        "0x" + "ff" * 65,
    ],
)
def test_what_is_no_signature_is_refused(signature: str) -> None:
    assert code(signature) == "bad_signature"
