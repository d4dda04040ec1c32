"""The simulated providers' server, and the stack's faults at their calls."""

import threading
from pathlib import Path
from typing import Any

from local import clock
from local.control.faults import Call, Fault, FaultBook
from local.lambdas.service import LambdaService
from local.simulators import DropReply, SimulatorConfig, create_app


class ProviderFaults:
    """Breaks provider calls: what the simulators ask before and after each."""

    def __init__(self, faults: FaultBook) -> None:
        self.faults = faults
        self.functions: LambdaService | None = None
        self._due = threading.local()

    def __call__(self, caller: str | None, provider: str, operation: str, phase: str) -> None:
        """Raises DropReply when the call is to be broken now."""
        if phase == "before":
            self._due.fault = self.faults.due(self._call(caller, provider, operation))
            self._before(self._due.fault, caller)
        elif self._due.fault is not None:
            self._after(self._due.fault, caller)

    def _call(self, caller: str | None, provider: str, operation: str) -> Call:
        worker = self.functions.worker(caller) if self.functions and caller else None
        folder = worker.spec.folder if worker else None
        return Call("provider", operation, folder, worker, provider)

    def _before(self, fault: Fault | None, caller: str | None) -> None:
        if fault is None:
            return
        if fault.action == "delay":
            clock.sleep(fault.delay_seconds)
        elif fault.action == "kill" and fault.when == "before":
            self._kill(caller)
        elif fault.action in {"error", "throttle", "outage"}:
            raise DropReply("broken on purpose")

    def _after(self, fault: Fault, caller: str | None) -> None:
        if fault.action == "kill" and fault.when == "after":
            self._kill(caller)
        elif fault.action == "drop_reply":
            raise DropReply("broken on purpose")

    def _kill(self, caller: str | None) -> None:
        worker = self.functions.worker(caller) if self.functions and caller else None
        if worker is not None:
            worker.kill()
        raise DropReply("the caller was killed")


def simulators(
    data_dir: Path,
    clips_dir: Path | None,
    base_url: str,
    generation_seconds: float,
    secrets: dict[str, str],
    ffmpeg: Path,
    faults: ProviderFaults,
    clip_scale: float = 1.0,
) -> Any:
    """Returns the WSGI application of all simulated providers."""
    data_dir.mkdir(parents=True, exist_ok=True)
    return create_app(
        SimulatorConfig(
            data_dir=data_dir,
            clips_dir=clips_dir,
            clip_scale=clip_scale,
            base_url=base_url,
            generation_seconds=generation_seconds,
            secrets=secrets,
            ffmpeg=ffmpeg,
            on_request=faults,
        )
    )
