"""Runs for Trigger.dev's clients: `useRealtimeRun`, `runs.subscribeToRun`, `runs.poll`."""
