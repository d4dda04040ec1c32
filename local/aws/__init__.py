"""AWS on this machine: moto, mended where it differs."""

from local.aws import moto_light as moto_light  # before anything here imports moto's own
