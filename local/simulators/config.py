"""The configuration of the simulators, and the error by which the stack breaks a call."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

Phase = Literal["before", "after"]
RequestHook = Callable[[str | None, str, str, Phase], None]


class DropReply(Exception):
    """Raised to close the connection without an answer, by a fault or by the stack's hook."""


@dataclass
class SimulatorConfig:
    """How one set of simulators behaves; the mutable part is changed through `/_sim/settings`.

    * `base_url`: where the simulators are reached, without a trailing slash; results are under it.
    * `secrets`: the vendors' keys as the product has them (`kling_access_key` and so on).
    * `generation_seconds`: how long a generation takes at least.
    * `concurrency`: how many tasks an account may have at once; None is no limit.
    * `retention_seconds`: how long after its end a task's data is kept, if not as long as each
      vendor keeps it.
    * `gone_models`: model ids the vendor has switched off; None keeps each vendor's own list.
    * `text_delay_seconds`: how long each word of a text takes.
    * `clips_dir`: where rendered clips are kept by their content, also for simulators of other
      processes; None keeps them under `data_dir`.
    * `clip_scale`: the side of a clip, in parts of what the vendor delivers: tests of what is done
      with clips need no full ones.
    * `on_request`: called with caller, provider, operation and phase around every request.
    """

    data_dir: Path
    base_url: str
    generation_seconds: float
    secrets: dict[str, str]
    ffmpeg: Path
    on_request: RequestHook | None = None
    concurrency: int | None = None
    gone_models: list[str] | None = None
    retention_seconds: float | None = None
    text_delay_seconds: float = 0.02
    webhook_retry_seconds: list[float] = field(default_factory=lambda: [0.5, 2.0, 5.0])
    clips_dir: Path | None = None
    clip_scale: float = 1.0
