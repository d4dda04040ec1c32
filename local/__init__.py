"""The whole stack on one machine: the gateway, Lambda, AWS, providers. Never in an artefact."""

import gc

gc.set_threshold(200_000, 20, 20)
"""Looking for cycles while moto is loaded took half a second to a second of a core."""
