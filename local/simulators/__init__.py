"""Simulators of the video vendors: their wire protocols, over HTTP, with real media.

One WSGI application serves them all. A vendor is one room under `vendors`; what vendors share
(faults, the request log, tasks and their life, rendering, results, webhooks) is here.
"""

from local.simulators.app import SimulatorApp, create_app
from local.simulators.config import DropReply, SimulatorConfig

__all__ = ["DropReply", "SimulatorApp", "SimulatorConfig", "create_app"]
