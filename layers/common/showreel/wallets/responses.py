"""The answers of the sign-in endpoint, under the documented names."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class WalletResponse(BaseModel):
    """Base of the answers: their names are in snake_case."""

    model_config = ConfigDict(frozen=True, defer_build=True)


class Nonce(WalletResponse):
    """`GET /functions/v1/wallet-auth`."""

    nonce: str
    issued_at: str = Field(description="now, for the message's `Issued At`: clocks of devices err")
    expires_at: str
    chain_ids: list[str] = Field(description="the chains that a message may name")


class Session(WalletResponse):
    """Tokens as OAuth names them."""

    access_token: str
    refresh_token: str
    expires_in: int = Field(description="seconds until the access token expires")
    token_type: Literal["bearer"] = "bearer"  # noqa: S105  # a kind, not a token


class User(WalletResponse):
    """Who signed in."""

    id: str
    wallet_address: str = Field(description="in small letters")


class Bootstrap(WalletResponse):
    """Where a user begins."""

    workspace_id: str | None = Field(
        description="the default workspace; null for one who has left it"
    )
    available_credits: int
    welcome_granted: bool = Field(
        description="whether this sign-in made the user and granted the welcome credits"
    )


class SignedIn(WalletResponse):
    """Of signing in."""

    session: Session
    user: User
    bootstrap: Bootstrap


class Refreshed(WalletResponse):
    """Of a refresh."""

    session: Session
    user: User


class SignedOut(WalletResponse):
    """Of signing out, whether or not there was a session."""

    success: Literal[True] = True
