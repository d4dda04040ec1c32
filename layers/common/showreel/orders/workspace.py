"""Who pays for a routed generation, and what may be known to be in vain before anything is done.

The project that a client names is a note on the job: nothing of the project is read or shown.
"""

from showreel.core.errors import InsufficientCredits
from showreel.credits.ledger import ledger
from showreel.identity import Caller, Membership, require_member
from showreel.identity.service import first_workspace_id


def paying(caller: Caller, workspace_id: str | None) -> Membership:
    """Returns the caller's place in the workspace that pays: the named one, else the caller's
    first.

    Raises NotFound for a workspace that isn't the caller's, and for a caller without any.
    """
    chosen = first_workspace_id(caller) if workspace_id is None else workspace_id
    return require_member(caller, chosen)


def require_credits(workspace_id: str, credits_needed: int) -> None:
    """Raises InsufficientCredits early. Only the hold decides; this spares fetches and writes."""
    available = ledger().account(workspace_id).available
    if available < credits_needed:
        raise InsufficientCredits(required=credits_needed, available=available)
