"""Lambda on this machine: processes behind the Runtime API."""
