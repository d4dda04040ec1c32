"""A storyboard of twelve shots as it comes, made into a film by FFmpeg, and measured from the film:
its frames, when its voices begin, how far the music steps back, how loud all of it is.

Small, for time: the plan's format is made a sixth of 1080p.
"""

import io
import math
from array import array
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from showreel.assets.service import storage
from showreel.core.dynamo import Table
from showreel.cuts import context
from showreel.cuts import plan as cut_plan
from showreel.cuts.models import ExportSettings
from showreel.cuts.steps.load_cut import load_cut
from showreel.media import motion, normalise
from showreel.media.mastering import measure
from showreel.media.profile import Profile
from tests.media.decoding import ffmpeg, frame_hashes, frame_times, make_clip
from tests.unit.cuts.world import ARN, World, world

FPS, RATE = 24, 48_000
VIDEOS = (
    {"size": "320x180", "fps": 24},
    {"size": "180x320", "fps": 30},
    {"size": "160x120", "fps": 25},
    {"size": "426x240", "fps": 60},
    {"size": "200x200", "fps": 15},
    {"size": "320x136", "fps": 30000 / 1001},
    {"size": "320x180", "fps": 12},
)
PICTURES = ((320, 180), (320, 240), (300, 200), (120, 200))
SECONDS = 0.75
SPEECH_SECONDS = 1.3
TALK = "0.04*sin(2*PI*(500+150*sin(5*t))*t)*(0.6+0.4*sin(2*PI*4*t))"
MUSIC_HERTZ = 6000


@pytest.fixture
def here(cloud: Table, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    def small(settings: ExportSettings) -> Profile:
        return Profile(width=320, height=180, fps=settings.fps, preset="ultrafast")

    monkeypatch.setattr(cut_plan, "profile_of", small)
    with world(cloud, with_files=True) as made:
        yield made


@pytest.fixture
def board(here: World, tmp_path: Path) -> list[str]:
    """Eight videos, one of a variable rate, and four pictures; the fourth and the tenth speak."""
    shots = []
    for number in range(12):
        shot = here.shot(duration_ms=round(1000 * SECONDS))
        shots.append(shot.id)
        if number % 3 == 2:
            here.show(shot.id, "image", data=still(PICTURES[number // 3]))
        else:
            path = video(tmp_path / f"{number}.mp4", number - number // 3)
            here.show(shot.id, "video", SECONDS, data=path.read_bytes())
    for number in (3, 9):
        here.show(shots[number], "audio", data=sound(tmp_path, TALK, SPEECH_SECONDS))
    here.choose_music(sound(tmp_path, f"0.2*sin(2*PI*{MUSIC_HERTZ}*t)", 4))
    return shots


def video(path: Path, number: int) -> Path:
    """One of the eight; the last has a rate that changes, the first two make a sound."""
    hum = "sine=200:r=44100" if number < 2 else None
    if number < len(VIDEOS):
        return make_clip(path, seconds=SECONDS, sound=hum, **VIDEOS[number])
    drop = ["-vf", "select=not(mod(n\\,3))+gt(n\\,12)", "-fps_mode", "vfr"]
    return make_clip(path, *drop, seconds=SECONDS, fps=30)


def still(size: tuple[int, int]) -> bytes:
    target = io.BytesIO()
    Image.effect_noise(size, 90).convert("RGB").save(target, "JPEG")
    return target.getvalue()


def sound(folder: Path, source: str, seconds: float) -> bytes:
    path = folder / "sound.mp3"
    ffmpeg("-f", "lavfi", "-i", f"aevalsrc={source}:s=44100:d={seconds}", "-b:a", "128k", path)
    return path.read_bytes()


def noting(call: Callable[..., Any], notes: list[str]) -> Callable[..., Any]:
    """The call, which notes that it was made."""

    def noted(*given: Any, **how: Any) -> Any:
        notes.append(call.__name__)
        return call(*given, **how)

    return noted


def band(film: Path, filters: str) -> "array[int]":
    """The film's sound between some frequencies."""
    raw = ffmpeg("-i", film, "-map", "0:a:0", "-af", filters, "-ac", 1, "-f", "s16le", "-")
    return array("h", raw)


def first_heard(samples: "array[int]", near: int) -> int:
    """The sample at which something begins, looked for from four frames before `near`."""
    start = near * RATE // FPS - 8_000
    loudest = max(map(abs, samples[start : start + 32_000]))
    return next(i for i in range(start, len(samples)) if abs(samples[i]) > loudest / 8)


def level(samples: "array[int]", start: int, frames: int) -> float:
    """How loud some of the film's frames are, in decibels."""
    part = samples[start * RATE // FPS : (start + frames) * RATE // FPS]
    return 10 * math.log10(max(1, sum(value * value for value in part) / len(part)))


def test_twelve_shots_become_a_film_that_is_right(
    here: World, board: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    encoded: list[str] = []
    for module, what in ((normalise, "run"), (motion, "run_with_frames")):
        call = getattr(module, what)
        monkeypatch.setattr(module, what, noting(call, encoded))
    settings = {"transitions": {"type": "crossfade", "durationMs": 250}, "fps": FPS}
    summary = here.sync(settings=settings)
    assert {one.shot_id for one in summary.adjusted_shots} == {board[3], board[9]}
    (ahead,) = (request["name"] for _, request in here.calls)
    for clip in load_cut(ahead, ARN).clips:
        here.piece(ahead, clip["index"])
    made = len(encoded)
    assert made >= 12

    job = here.begin(settings=settings).job_id
    state = here.finish(job)
    assert (state.status, state.error) == ("completed", None)
    assert len(encoded) == made  # every piece was found
    plan, film = context.exports().plan(job), tmp_path / "film.mp4"
    storage().get_file(plan.files.keys("final-exports").film_key, film)
    # 10 shots of 0.75 s, two until their voice is over and the next shot begins; 11 transitions
    frames = 10 * 18 + 2 * (math.ceil(1.3 * FPS) + 6) - 11 * 6
    assert frame_times(film) == list(range(frames))
    assert state.output["frames"] == frames
    assert len(set(frame_hashes(film))) > frames * 0.9

    voices = band(film, "lowpass=f=2000,lowpass=f=2000,highpass=f=350,highpass=f=350")
    starts = [clip.start for clip in plan.cut.clips if clip.row_id in {board[3], board[9]}]
    for start in starts:
        assert abs(first_heard(voices, start) - start * RATE / FPS) <= RATE / FPS
    music = band(film, "highpass=f=4500,highpass=f=4500")
    alone = level(music, plan.cut.clips[7].start, 22)  # a voice is over for 1.5 s
    for start in starts:
        assert alone - level(music, start + 3, 28) >= 8
    heard = measure(film)
    assert heard.lufs == pytest.approx(-16, abs=0.5)
    assert heard.peak_decibels <= -1


def test_volumes_of_rows_are_heard(here: World, tmp_path: Path) -> None:
    path = make_clip(tmp_path / "hum.mp4", seconds=SECONDS, sound="sine=440:r=44100")
    shots = [here.shot().id for _ in range(4)]
    for shot in shots:
        here.show(shot, "video", SECONDS, data=path.read_bytes())
    here.sync()
    volumes = (100, 25, 200, 0)
    rows = [{"id": shot, "volume": of} for shot, of in zip(shots, volumes, strict=True)]
    here.change(rows=rows)
    job = here.begin(settings={"fps": FPS}).job_id
    here.finish(job)
    film = tmp_path / "film.mp4"
    storage().get_file(context.exports().plan(job).files.keys("final-exports").film_key, film)
    samples = band(film, "anull")
    whole, quarter, double, none = (level(samples, 18 * n + 3, 12) for n in range(4))
    assert quarter - whole == pytest.approx(-12, abs=0.5)
    assert double - whole == pytest.approx(6, abs=0.5)
    assert none < whole - 50
