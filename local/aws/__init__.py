"""AWS on this machine: moto, mended where it differs."""
