"""What may be known to be in vain before anything is done."""

from showreel.core.errors import InsufficientCredits
from showreel.credits.service import ledger


def require_credits(workspace_id: str, credits_needed: int) -> None:
    """Raises InsufficientCredits early. Only the hold decides; this spares fetches and writes."""
    available = ledger().account(workspace_id).available
    if available < credits_needed:
        raise InsufficientCredits(required=credits_needed, available=available)
