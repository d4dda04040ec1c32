"""The request body of the sign-in endpoint."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from showreel.core.wire import Wire

MAX_MESSAGE_CHARS = 4_000
MAX_SIGNATURE_CHARS = 20_000
"""Signatures of smart accounts contain their deployment; their length gives them away."""


class WalletRequest(Wire):
    """`POST /functions/v1/wallet-auth`: to sign in, `walletAddress`, `message` and `signature`; to
    refresh, `grant_type` and `refresh_token`; to sign out, `action` and `refresh_token`.
    """

    wallet_address: Annotated[str, StringConstraints(pattern=r"^0[xX][0-9A-Fa-f]{40}$")] | None = (
        None
    )
    message: (
        Annotated[str, StringConstraints(min_length=1, max_length=MAX_MESSAGE_CHARS)] | None
    ) = None
    signature: (
        Annotated[str, StringConstraints(min_length=1, max_length=MAX_SIGNATURE_CHARS)] | None
    ) = None
    grant_type: Annotated[Literal["refresh_token"] | None, Field(alias="grant_type")] = None
    action: Literal["sign_out"] | None = None
    refresh_token: Annotated[
        Annotated[str, StringConstraints(min_length=1, max_length=200)] | None,
        Field(alias="refresh_token"),
    ] = None
