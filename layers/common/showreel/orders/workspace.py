"""Resolves the paying workspace; rejects unaffordable requests before media are fetched.

A project that a client names is only stored on the job; the project itself is never read.
"""

from showreel.core.errors import InsufficientCredits
from showreel.identity import Caller, Membership, require_member


def paying(caller: Caller, workspace_id: str | None) -> Membership:
    """Returns the caller's membership of the paying workspace: the named one, else the default.

    Raises NotFound for a workspace that isn't the caller's, and for a caller without a default.
    """
    if workspace_id is None:
        from showreel.identity.service import own_workspace  # most callers name one

        return own_workspace(caller, None)
    return require_member(caller, workspace_id)


def require_credits(workspace_id: str, credits_needed: int) -> None:
    """Raises InsufficientCredits early, to spare fetches and writes; only the hold decides."""
    from showreel.credits.ledger import ledger  # reading jobs needs no ledger

    available = ledger().account(workspace_id).available
    if available < credits_needed:
        raise InsufficientCredits(required=credits_needed, available=available)
