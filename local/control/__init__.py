"""Steering the stack: faults, seeds, `/_local`."""
