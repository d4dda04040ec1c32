"""Signs wallets in, refreshes their sessions and signs them out."""

from collections.abc import Sequence

from showreel.core.clock import iso_at, now_iso
from showreel.core.dynamo import Write
from showreel.core.errors import ConditionFailed, InvalidInput, Unauthenticated
from showreel.core.ids import new_id
from showreel.core.observability import about
from showreel.core.settings import WalletSignIn, settings
from showreel.credits.ledger import ledger
from showreel.edge.limits import take_sign_in
from showreel.identity.session_tokens import USER_PREFIX
from showreel.identity.store import workspaces
from showreel.wallets import legacy, messages, nonces, sessions
from showreel.wallets.responses import (
    Bootstrap,
    Nonce,
    Refreshed,
    Session,
    SignedIn,
    SignedOut,
    User,
)
from showreel.wallets.schemas import WalletRequest
from showreel.wallets.sessions import Tokens
from showreel.wallets.signatures import signer
from showreel.wallets.store import used_row, wallets

WELCOME = "welcome"
"""Id of the grant of a new user's first credits."""


def nonce() -> Nonce:
    """Returns a new nonce."""
    text, expires_at = nonces.new_nonce()
    chain_ids = settings(WalletSignIn).wallet_chain_ids.split(",")
    issued_at = iso_at(expires_at - nonces.LIFETIME_SECONDS)
    expires = iso_at(expires_at)
    return Nonce(nonce=text, issued_at=issued_at, expires_at=expires, chain_ids=chain_ids)


def act(
    request: WalletRequest, own_url: str, source_address: str
) -> SignedIn | Refreshed | SignedOut:
    """Does what the request is for. Raises InvalidInput, Unauthenticated, RateLimited."""
    if request.action == "sign_out":
        sessions.sign_out(_given(request.refresh_token, "refresh_token"))
        return SignedOut()
    if request.grant_type == "refresh_token":
        tokens = sessions.refresh(_given(request.refresh_token, "refresh_token"))
        return Refreshed(session=_session(tokens), user=_user(tokens.user_id))
    return sign_in(request, own_url, source_address)


def sign_in(request: WalletRequest, own_url: str, source_address: str) -> SignedIn:
    """Begins a session of the wallet whose key signed the message; creates its user if new."""
    address = _given(request.wallet_address, "walletAddress").lower()
    message = _given(request.message, "message")
    key, expires_at = _checked(message, address, own_url)
    if signer(message, _given(request.signature, "signature")) != address:
        text = "The signature is not by walletAddress; a smart account can't sign in here"
        raise Unauthenticated(text, code="wrong_signature")
    take_sign_in(source_address, settings(WalletSignIn).wallet_sign_ins_per_minute)
    user_id = f"{USER_PREFIX}{address}"
    about(user_id=user_id)
    tokens, session = sessions.new_session(user_id)
    used = used_row(key, session["pk"], expires_at)
    is_new = wallets().first_workspace_id(user_id) is None
    try:
        wallets().sign_in(used, session, _newcomer(user_id, address) if is_new else ())
    except ConditionFailed as error:
        if error.reasons[0] == "ConditionalCheckFailed":
            raise _used() from error
        is_new = False  # somebody signed in with the same wallet at the same moment
        _sign_in_again(used, session)
    return SignedIn(
        session=_session(tokens), user=_user(user_id), bootstrap=_bootstrap(user_id, is_new=is_new)
    )


def _checked(message: str, address: str, own_url: str) -> tuple[str, int]:
    """Checks the message; returns the key of its single use, and its expiry."""
    is_legacy = settings(WalletSignIn).wallet_legacy_messages
    if is_legacy and not messages.is_sign_in(message):
        return legacy.key_of(message, address), legacy.check(message)
    parsed = messages.parse(message)
    messages.check(parsed, address, own_url)
    return parsed.nonce, nonces.check(parsed.nonce)


def _sign_in_again(used: dict[str, object], session: dict[str, object]) -> None:
    try:
        wallets().sign_in(used, session)
    except ConditionFailed as error:
        raise _used() from error


def _newcomer(user_id: str, address: str) -> Sequence[Write]:
    """Returns the writes of a new user: the user, a workspace and its first credits."""
    workspace_id, name = new_id(), f"{address[:6]}…{address[-4:]}"
    writes = [
        wallets().user_write(user_id, address, workspace_id),
        *workspaces().creation_writes(workspace_id, name, user_id, now_iso()),
    ]
    amount = settings(WalletSignIn).welcome_credits
    return [*writes, *(ledger().grant_writes(workspace_id, amount, WELCOME) if amount else ())]


def _bootstrap(user_id: str, *, is_new: bool) -> Bootstrap:
    workspace_id = _workspace_of(user_id)
    available = ledger().account(workspace_id).available if workspace_id else 0
    return Bootstrap(
        workspace_id=workspace_id,
        available_credits=available,
        welcome_granted=is_new and settings(WalletSignIn).welcome_credits > 0,
    )


def _workspace_of(user_id: str) -> str | None:
    """Returns the default workspace, else the user's first one, if the user is still in it."""
    for found in (workspaces().default_workspace_id, wallets().first_workspace_id):
        workspace_id = found(user_id)
        if workspace_id and workspaces().member(workspace_id, user_id) is not None:
            return workspace_id
    return None


def _session(tokens: Tokens) -> Session:
    return Session(
        access_token=tokens.access_token,
        refresh_token=tokens.refresh_token,
        expires_in=tokens.expires_in,
    )


def _user(user_id: str) -> User:
    return User(id=user_id, wallet_address=user_id.removeprefix(USER_PREFIX))


def _given(value: str | None, field: str) -> str:
    if value is None:
        raise InvalidInput(f"{field} is required", field=field)
    return value


def _used() -> Unauthenticated:
    return Unauthenticated("The message was used before; ask for a nonce", code="nonce_used")
