"""The render farm: two clips at once, in two processes, and none made twice."""

import contextlib
import fcntl
import hashlib
import json
import subprocess
import sys
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import NoReturn

from local.simulators.camera import Move, choose_move
from local.simulators.config import SimulatorConfig

_REPOSITORY = Path(__file__).parents[2]
_AT_ONCE = 2
_RECIPE = "8"


@dataclass(frozen=True)
class RenderOrder:
    """What a clip is made of.

    `first` and `last` are the pictures it begins and ends with; with neither, one is drawn from
    the prompt. `size` in pixels is even; None is 720p in the ratio next to the picture's, or in
    `aspect_ratio`. The clip has one frame more than `seconds` hold, as vendors' have, unless
    `frame_count` says how many.
    """

    prompt: str
    seconds: int
    sound: bool = False
    first: bytes | None = None
    last: bytes | None = None
    aspect_ratio: str = "16:9"
    frames_per_second: int = 24
    frame_count: int | None = None
    size: tuple[int, int] | None = None

    @property
    def move(self) -> Move:
        """The camera movement that the prompt asks for."""
        return choose_move(self.prompt)

    @property
    def frames(self) -> int:
        """How many frames the clip has."""
        return self.frame_count or self.seconds * self.frames_per_second + 1

    @property
    def exact_seconds(self) -> float:
        """How long the clip really is."""
        return self.frames / self.frames_per_second


@dataclass(frozen=True)
class Rendered:
    """A finished clip, or another file; `more` are further files of the same task."""

    path: Path
    seconds: float
    more: tuple[Path, ...] = ()


class Rendering:
    """Turns orders into files, kept by their content."""

    def __init__(self, config: SimulatorConfig) -> None:
        self._config = config
        self._folder = config.clips_dir or config.data_dir / "renders"
        self._pool = ThreadPoolExecutor(max_workers=32, thread_name_prefix="simulator-render")
        self._slots = threading.BoundedSemaphore(_AT_ONCE)
        self._locks: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)
        self._processes: set[subprocess.Popen[bytes]] = set()
        self._idle: list[subprocess.Popen[bytes]] = []
        self._cleared = 0
        self._closed = False

    def start(self, load: Callable[[], RenderOrder | Rendered]) -> Future[Rendered]:
        """Begin at once; `load` fetches what the clip needs, and its errors are the future's.

        A vendor that delivers something else than clips gives what it has made itself.
        """
        return self._pool.submit(self._render, load, self._cleared)

    def clear(self) -> None:
        """Forget what has not begun; a clip that is being rendered is kept for the next time."""
        self._cleared += 1

    def close(self) -> None:
        """Stop every render."""
        self._closed = True
        for process in list(self._processes):
            process.kill()
        self._pool.shutdown(wait=True, cancel_futures=True)
        for process in self._processes:
            process.communicate()

    def _render(self, load: Callable[[], RenderOrder | Rendered], cleared: int) -> Rendered:
        order = load()
        if isinstance(order, Rendered):
            return order
        folder = self._folder / _content_key(order, self._config.clip_scale)
        clip = folder / "clip.mp4"
        with self._locks[folder.name], _one_process(folder):
            if not clip.exists():
                with self._slots:
                    if cleared != self._cleared:
                        raise CancelledError
                    self._run(order, folder)
        return Rendered(clip, order.exact_seconds)

    def _run(self, order: RenderOrder, folder: Path) -> None:
        description = json.dumps(_description(order, folder, self._config)).encode()
        try:
            process = self._idle.pop()
        except IndexError:
            process = self._started()
        if self._closed:
            process.kill()
        if not _has_rendered(process, description):
            self._fail(process)
        self._idle.append(process)

    def _started(self) -> subprocess.Popen[bytes]:
        pipe = subprocess.PIPE
        command = [sys.executable, "-m", "local.simulators.render_clip"]
        process = subprocess.Popen(command, cwd=_REPOSITORY, stdin=pipe, stdout=pipe, stderr=pipe)
        self._processes.add(process)
        return process

    def _fail(self, process: subprocess.Popen[bytes]) -> NoReturn:
        """Raises what a process that ended says, or CancelledError if it was to end."""
        errors = process.communicate()[1]
        self._processes.discard(process)
        if self._closed:
            raise CancelledError
        raise RuntimeError(f"rendering failed: {errors.decode(errors='replace')[-2000:]}")


def _has_rendered(process: subprocess.Popen[bytes], description: bytes) -> bool:
    """Has a clip rendered; returns whether it was."""
    assert process.stdin is not None  # noqa: S101  it was asked for
    assert process.stdout is not None  # noqa: S101  it was asked for
    with contextlib.suppress(BrokenPipeError):
        process.stdin.write(description + b"\n")
        process.stdin.flush()
    return process.stdout.readline() != b""


@contextlib.contextmanager
def _one_process(folder: Path) -> Iterator[None]:
    """Lets no other process render the same clip meanwhile."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _content_key(order: RenderOrder, scale: float) -> str:
    has_picture = order.first or order.last
    drawn_from = None if has_picture else [order.prompt, order.aspect_ratio]
    timing = [order.frames, order.frames_per_second, order.size]
    facts = [_RECIPE, drawn_from, asdict(order.move), timing, order.sound, scale]
    digest = hashlib.sha256()
    for part in (json.dumps(facts).encode(), order.first or b"", order.last or b""):
        digest.update(len(part).to_bytes(8))
        digest.update(part)
    return digest.hexdigest()


def _description(order: RenderOrder, folder: Path, config: SimulatorConfig) -> dict[str, object]:
    return {
        "folder": str(folder),
        "ffmpeg": str(config.ffmpeg),
        "prompt": order.prompt,
        "move": asdict(order.move),
        "frames": order.frames,
        "frames_per_second": order.frames_per_second,
        "size": order.size,
        "scale": config.clip_scale,
        "sound": order.sound,
        "aspect_ratio": order.aspect_ratio,
        "first": _stored(folder / "first", order.first),
        "last": _stored(folder / "last", order.last),
    }


def _stored(path: Path, data: bytes | None) -> str | None:
    if data is None:
        return None
    with contextlib.suppress(FileExistsError):
        path.write_bytes(data)
    return str(path)
