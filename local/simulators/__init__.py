"""Simulators of the video vendors: their wire protocols, over HTTP, with real media.

One WSGI application serves them all. A vendor is one room under `vendors`; what vendors share
(faults, the request log, tasks and their life, rendering, results, webhooks) is here.
"""

from typing import TYPE_CHECKING

from local.simulators.config import DropReply, SimulatorConfig

if TYPE_CHECKING:
    from local.simulators.app import SimulatorApp

__all__ = ["DropReply", "SimulatorConfig", "create_app"]


def create_app(config: SimulatorConfig) -> "SimulatorApp":
    """Returns the application for a threaded WSGI server; `close` it when the server has
    stopped.
    """
    from local.simulators.app import SimulatorApp

    return SimulatorApp(config)
