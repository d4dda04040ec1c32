"""Signing in with an Ethereum wallet (EIP-4361), and the sessions that follow from it."""
