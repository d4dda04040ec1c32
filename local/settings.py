"""The settings of a stack."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DEFAULT_PORT = 8787
DEFAULT_GENERATION_SECONDS = 1.5


@dataclass(frozen=True)
class StackSettings:
    """Everything that can be set for a stack; the defaults suit a test."""

    template: Path = ROOT / "template.yaml"
    host: str = "127.0.0.1"
    port: int = 0
    """The gateway's port; 0 picks a free one, as for the other servers always."""
    stack_name: str = "showreel"
    region: str = "us-east-1"
    account: str = ""
    """Twelve digits; empty picks one that no other stack of this process uses."""
    parameters: Mapping[str, str] = field(default_factory=dict)
    """Template parameters, over what the stack sets by itself."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """Extra variables for every function."""
    state_dir: Path | None = None
    """Logs and scratch space; None makes a temporary folder that goes with the stack."""
    data_dir: Path | None = None
    """Where tables, objects and secrets are kept between runs; None keeps nothing."""
    clips_dir: Path | None = None
    """Where simulated vendors keep their clips, for several stacks; None: each its own."""
    clip_scale: float = 1.0
    """The side of simulated vendors' clips, in parts of what the real ones deliver."""
    schedules: bool = False
    """Fire schedules by the clock. Without it they fire only on demand."""
    fork: bool = False
    """Fork functions from a process with the heavy imports done: four times faster cold starts."""
    preload: tuple[str, ...] = ()
    """The product's modules that forked functions find imported; not for what edits them."""
    warm: bool = False
    """Start one process of every function in the background."""
    generation_seconds: float = DEFAULT_GENERATION_SECONDS
    """How long a simulated generation takes."""
    seed: bool = True
    """Make the demonstration user, workspaces and tokens, if the product can."""
    init_timeout_seconds: float = 30.0
    """How long a function may import before it counts as dead (AWS: 10, on faster machines)."""
    meter: bool = False
    """Count what a run would be billed for (`Stack.meter`); it makes tables a little slower."""
    retry_delays_seconds: tuple[float, ...] = (0.2, 0.4)
    """Waits before the retries of an asynchronous invocation (AWS: a minute, then two)."""


def product_modules() -> tuple[str, ...]:
    """Returns every module of the product: to import them once is cheaper than once a process."""
    common = ROOT / "layers/common"
    files = sorted((common / "showreel").rglob("*.py"))
    return tuple(
        ".".join(file.relative_to(common).with_suffix("").parts).removesuffix(".__init__")
        for file in files
        if file.stem != "__main__"
    )


def from_environment(template: Path, data_dir: Path | None, port: int | None) -> StackSettings:
    """Returns the settings of `python -m local up`.

    Variables: `SHOWREEL_PORT`, `SHOWREEL_SIM_SECONDS`, `SHOWREEL_FORK=1` (faster cold starts) and
    `SHOWREEL_STATE` (the folder of dev.json and the logs, `.local` by default).
    """
    return StackSettings(
        template=template,
        port=port if port is not None else int(os.environ.get("SHOWREEL_PORT", DEFAULT_PORT)),
        data_dir=data_dir,
        state_dir=Path(os.environ.get("SHOWREEL_STATE", ROOT / ".local")),
        schedules=True,
        generation_seconds=float(
            os.environ.get("SHOWREEL_SIM_SECONDS", DEFAULT_GENERATION_SECONDS)
        ),
        fork=os.environ.get("SHOWREEL_FORK", "") == "1",
    )
