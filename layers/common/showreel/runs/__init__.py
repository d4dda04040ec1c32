"""Runs and their numbered events. Every stream, poll and webhook is a view of what is stored here."""
