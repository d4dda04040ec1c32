"""API Gateway on this machine."""
