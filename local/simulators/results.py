"""Finished files under addresses nobody can guess, as the vendors' storage serves them."""

import mimetypes
import secrets
import threading
from dataclasses import dataclass
from pathlib import Path

from werkzeug.exceptions import NotFound
from werkzeug.utils import send_file
from werkzeug.wrappers import Request, Response

from local.simulators.config import SimulatorConfig
from local.simulators.faults import FILES, FaultBook
from local.simulators.spoiling import spoil


@dataclass
class Result:
    """One file for download, whose it is, and what is served in its place if it was spoiled."""

    name: str
    provider: str
    task_id: str
    prompt: str
    path: Path
    fault: str | None = None


class Results:
    """Publishes files and serves them, whole or in ranges; safe for threads."""

    def __init__(self, config: SimulatorConfig, faults: FaultBook) -> None:
        self._config = config
        self._faults = faults
        self._results: dict[tuple[str, str], Result] = {}
        self._lock = threading.Lock()

    def publish(self, provider: str, task_id: str, prompt: str, path: Path) -> str:
        """Put a file up for download; returns its address."""
        name = f"{secrets.token_urlsafe(24)}{path.suffix}"
        with self._lock:
            self._results[provider, name] = Result(name, provider, task_id, prompt, path)
        return f"{self._config.base_url}/{provider}/results/{name}"

    def find(self, provider: str, name: str) -> Result | None:
        """Returns the file of that address, if there is one."""
        with self._lock:
            return self._results.get((provider, name))

    def answer(self, request: Request, result: Result | None) -> Response:
        """Returns the file, or the part of it that is asked for; 404 if there is none."""
        if result is None or request.method not in ("GET", "HEAD"):
            return Response("no such object\n", 404)
        try:
            return send_file(
                self._served_path(result),
                request.environ,
                mimetype=mimetypes.guess_type(result.name)[0],
                conditional=True,
                max_age=2_592_000,
            )
        except NotFound:
            return Response("no such object\n", 404)

    def content(self, provider: str, name: str) -> bytes:
        """Returns the bytes that are served under that address; none if there is no file."""
        result = self.find(provider, name)
        return b"" if result is None else self._served_path(result).read_bytes()

    def clear(self) -> None:
        """Forget every address; the files stay for the cache."""
        with self._lock:
            self._results.clear()

    def _served_path(self, result: Result) -> Path:
        with self._lock:
            if result.fault is None:
                taken = self._faults.take(result.provider, "result", FILES["result"], result.prompt)
                result.fault = taken.fault if taken else None
            return result.path if result.fault is None else self._spoiled(result, result.fault)

    def _spoiled(self, result: Result, fault: str) -> Path:
        folder = self._config.data_dir / "spoiled"
        folder.mkdir(parents=True, exist_ok=True)
        target = folder / f"{fault}-{result.name}"
        return target if target.exists() else spoil(fault, result.path, target, self._config.ffmpeg)
