"""Runs as Trigger.dev's clients read them: `useRealtimeRun`, `runs.subscribeToRun`, `runs.poll`."""
