"""Feature flags, which an operator sets, as clients see them."""

from showreel.core.settings import FeatureFlags, settings
from showreel.core.wire import Wire


class Flags(Wire):
    """The flags under their documented names."""

    enable_shot_stream: bool
    enable_stream_telemetry: bool

    def named(self) -> dict[str, bool]:
        """Returns the flags by names in capitals, with and without Vite's prefix `VITE_`."""
        plain = {name.upper(): value for name, value in self.model_dump().items()}
        return plain | {f"VITE_{name}": value for name, value in plain.items()}


def flags() -> Flags:
    """Returns the flags of this deployment."""
    chosen = settings(FeatureFlags)
    return Flags(
        enable_shot_stream=chosen.enable_shot_stream,
        enable_stream_telemetry=chosen.enable_stream_telemetry,
    )
