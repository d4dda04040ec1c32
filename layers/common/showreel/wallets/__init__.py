"""Sign-in with an Ethereum wallet (EIP-4361), and the sessions that it begins."""
