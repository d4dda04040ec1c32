"""Who pays for a routed generation, and what may be known to be in vain before anything is done.

The project that a client names is a note on the job: nothing of the project is read or shown.
"""

from showreel.core.errors import InsufficientCredits
from showreel.identity import Caller, Membership, require_member


def paying(caller: Caller, workspace_id: str | None) -> Membership:
    """Returns the caller's place in the workspace that pays: the named one, else the caller's
    default.

    Raises NotFound for a workspace that isn't the caller's, and for a caller without any.
    """
    if workspace_id is None:
        from showreel.identity.service import own_workspace  # most callers name one

        return own_workspace(caller, None)
    return require_member(caller, workspace_id)


def require_credits(workspace_id: str, credits_needed: int) -> None:
    """Raises InsufficientCredits early. Only the hold decides; this spares fetches and writes."""
    from showreel.credits.ledger import ledger  # a look needs no money

    available = ledger().account(workspace_id).available
    if available < credits_needed:
        raise InsufficientCredits(required=credits_needed, available=available)
