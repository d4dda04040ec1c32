"""Runs and their numbered events, which streams, polls and webhooks show."""
