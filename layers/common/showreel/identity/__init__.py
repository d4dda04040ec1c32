"""Callers, and the workspaces that they are members of."""

from showreel.identity.callers import Caller, current_caller, require_service
from showreel.identity.members import Membership, require_access, require_member
from showreel.identity.run_tokens import any_reader, issue_run_token, run_reader, verify_run_token

__all__ = [
    "Caller",
    "Membership",
    "any_reader",
    "current_caller",
    "issue_run_token",
    "require_access",
    "require_member",
    "require_service",
    "run_reader",
    "verify_run_token",
]
