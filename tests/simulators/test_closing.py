"""Closing the application in the middle of work."""

import threading
import time
from pathlib import Path

from local.lambdas.ffmpeg import ensure_ffmpeg
from local.simulators import SimulatorConfig, create_app
from local.simulators.pictures import PictureRefused
from local.simulators.rendering import RenderOrder
from tests.simulators.conftest import picture_bytes
from tests.support.http import eventually


def simulator_threads() -> set[str]:
    return {thread.name for thread in threading.enumerate() if "simulator" in thread.name}


def test_closing_stops_every_thread_and_render(tmp_path: Path) -> None:
    before = simulator_threads()
    app = create_app(SimulatorConfig(tmp_path, "http://127.0.0.1:1", 0.1, {}, ensure_ffmpeg()))
    order = RenderOrder("zoom in", 60, first=picture_bytes())
    media = app.rendering.start(lambda: order)
    eventually(lambda: list(tmp_path.glob("renders/*/unfinished*")))
    started = time.monotonic()
    app.close()
    assert time.monotonic() - started < 10
    assert media.done()
    assert simulator_threads() <= before


def test_an_order_that_cannot_be_loaded_fails_its_future(tmp_path: Path) -> None:
    def refuse() -> RenderOrder:
        raise PictureRefused("no picture")

    app = create_app(SimulatorConfig(tmp_path, "http://127.0.0.1:1", 0.1, {}, ensure_ffmpeg()))
    try:
        assert str(app.rendering.start(refuse).exception()) == "no picture"
    finally:
        app.close()
