"""What the media bench needs: photo-like inputs, measuring in a process of its own, decoding."""

import json
import math
import os
import random
import re
import resource
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageDraw, ImageFilter

from showreel.media.profile import BT709

FPS = 24
WIDTH, HEIGHT = 1280, 720
CLIP_SECONDS = 5
CLIP_FRAMES = FPS * CLIP_SECONDS
CANVAS = (1600, 900)


@dataclass(frozen=True, order=True)
class Cost:
    """User and system seconds of everything that ran, and the largest process in megabytes."""

    cpu_seconds: float
    peak_megabytes: float


def least(work: Callable[[], object]) -> Cost:
    """The least of seven: short work is disturbed by whatever else runs on the machine."""
    return least_of_each(work)[0]


def least_of_each(*works: Callable[[], object]) -> list[Cost]:
    """The least of seven of each, taken by turns: a shared machine changes its speed."""
    rounds = [[measured(work) for work in works] for _ in range(7)]
    return [min(costs) for costs in zip(*rounds, strict=True)]


def measured(work: Callable[[], object]) -> Cost:
    """Runs `work` in a forked process, so that nothing but it and its children is counted."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        _work_and_report(work, writer)
    os.close(writer)
    with os.fdopen(reader) as pipe:
        report = pipe.read()
    _, status = os.waitpid(child, 0)
    if status != 0:
        raise RuntimeError("the measured work failed")
    return Cost(*json.loads(report))


def _work_and_report(work: Callable[[], object], writer: int) -> None:
    failed = 1
    try:
        work()
        used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
        seconds = sum(usage.ru_utime + usage.ru_stime for usage in used)
        report = json.dumps([seconds, used[1].ru_maxrss / 1024])
        os.write(writer, report.encode())
        failed = 0
    finally:
        os._exit(failed)


def ffmpeg(*arguments: object) -> bytes:
    """Runs FFmpeg; returns its standard output."""
    command = ["ffmpeg", "-v", "error", "-nostdin", "-y", *map(str, arguments)]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout


def photo(path: Path, seed: int) -> Path:
    """A picture with what photos have: soft light, hard edges, fine texture, a little grain."""
    dice = random.Random(seed)
    image = Image.linear_gradient("L").resize(CANVAS).convert("RGB")
    draw = ImageDraw.Draw(image)
    for _ in range(60):
        x, y = dice.randrange(CANVAS[0]), dice.randrange(CANVAS[1])
        colour = tuple(dice.randrange(30, 225) for _ in range(3))
        draw.rectangle((x, y, x + dice.randrange(20, 400), y + dice.randrange(20, 300)), colour)
    image = image.filter(ImageFilter.GaussianBlur(1.2))
    texture = Image.effect_noise((CANVAS[0] // 3, CANVAS[1] // 3), 40).resize(CANVAS)
    image = Image.blend(image, texture.convert("RGB"), 0.12)
    image.save(path)
    return path


def master(directory: Path, index: int) -> Path:
    """A lossless five-second clip with sound: a camera gliding over a photo, with grain."""
    still = photo(directory / f"photo{index}.png", index)
    glide = f"crop={WIDTH}:{HEIGHT}:x=(iw-ow)*(0.5-0.5*cos(PI*n/{CLIP_FRAMES})):y=(ih-oh)/2"
    room = f"anoisesrc=d={CLIP_SECONDS}:c=brown:r=48000:a=0.3:seed={index}"
    voice = f"aevalsrc=0.3*sin(2*PI*(180+60*sin(t*7))*t)*gt(mod(t\\,1.3)\\,0.5):d={CLIP_SECONDS}"
    path = directory / f"master{index}.mp4"
    ffmpeg(
        *("-f", "image2", "-loop", 1, "-framerate", FPS, "-i", still),
        *("-f", "lavfi", "-i", room, "-f", "lavfi", "-i", voice),
        *("-filter_complex", f"[0:v]{glide},noise=alls=2:allf=t:all_seed={index}[v];[1][2]amix[a]"),
        *("-map", "[v]", "-map", "[a]", "-frames:v", CLIP_FRAMES, "-pix_fmt", "yuv420p"),
        *("-c:v", "libx264", "-preset", "ultrafast", "-qp", 0, "-c:a", "aac", "-b:a", "192k"),
        *("-t", CLIP_SECONDS, path),
    )
    return path


def delivered(source: Path, path: Path) -> Path:
    """A clip as a vendor delivers it: good H.264, sound, its own encoder settings."""
    ffmpeg("-i", source, "-c:v", "libx264", "-preset", "fast", "-crf", 17, "-c:a", "copy", path)
    return path


def music(path: Path) -> Path:
    """Twenty seconds that sound roughly like music to an encoder."""
    chord = "+".join(f"0.1*sin(2*PI*{note}*t)" for note in (131, 165, 196, 262, 330, 392))
    beat = f"aevalsrc=({chord})*(0.4+0.6*exp(-6*mod(t\\,0.5))):s=44100:d=20"
    hiss = "anoisesrc=d=20:c=pink:r=44100:a=0.2:seed=7"
    mix = ["-filter_complex", "[0][1]amix=normalize=0"]
    ffmpeg("-f", "lavfi", "-i", beat, "-f", "lavfi", "-i", hiss, *mix, "-b:a", "192k", path)
    return path


def clicks(source: Path, path: Path) -> Path:
    """A clip's picture with one click, exactly one second in."""
    click = f"aevalsrc=if(between(t\\,1\\,1.005)\\,0.9\\,0):s=44100:d={CLIP_SECONDS + 0.1}"
    codecs = ["-map", "0:v", "-map", "1:a", "-c:v", "copy", "-c:a", "aac"]
    ffmpeg("-i", source, "-f", "lavfi", "-i", click, *codecs, path)
    return path


def frame_rows(path: Path) -> list[tuple[int, str]]:
    """Presentation time in frames, and hash, of each decoded frame."""
    picked = ["-map", "0:v:0", "-fps_mode", "passthrough", "-f", "framemd5", "-"]
    lines = ffmpeg("-i", path, *picked).decode().splitlines()
    rows = [line.split(",") for line in lines if line and not line.startswith("#")]
    return [(int(row[2]), row[5].strip()) for row in rows]


def ssim(path: Path, reference: Path) -> float:
    """Structural similarity of the first clip's frames; later ones may be shifted.

    Tagged alike: between untagged and tagged frames FFmpeg would convert colours unasked.
    """
    same = f"trim=end_frame={CLIP_FRAMES},settb=1/{FPS},setpts=N,{BT709}"
    graph = f"[0:v]{same}[a];[1:v]{same}[b];[a][b]ssim"
    command = ["ffmpeg", "-nostdin", "-i", path, "-i", reference, "-filter_complex", graph]
    log = subprocess.run([*command, "-f", "null", "-"], check=True, capture_output=True).stderr
    return float(re.findall(rb"All:([\d.]+)", log)[-1])


# ---------------------------------------------------------------- motion

DOTS = [(400, 250), (1200, 250), (400, 650), (1200, 650)]
_WINDOW = 14


def dotted(path: Path) -> Path:
    """A grey picture with four soft dots to follow."""
    image = Image.new("L", CANVAS, 40)
    for x, y in DOTS:
        ImageDraw.Draw(image).ellipse((x - 5, y - 5, x + 5, y + 5), 235)
    image.filter(ImageFilter.GaussianBlur(2)).convert("RGB").save(path)
    return path


def jitter(path: Path) -> float:
    """Mean second difference of the dots' places, in pixels a frame squared."""
    raw = ffmpeg("-i", path, "-f", "rawvideo", "-pix_fmt", "gray", "-")
    frames = [
        memoryview(raw)[at : at + WIDTH * HEIGHT] for at in range(0, len(raw), WIDTH * HEIGHT)
    ]
    shakes: list[float] = []
    for x, y in DOTS:
        track = _followed(frames, (x * WIDTH / CANVAS[0], y * HEIGHT / CANVAS[1]))
        shakes += [
            math.hypot(a[0] - 2 * b[0] + c[0], a[1] - 2 * b[1] + c[1])
            for a, b, c in zip(track, track[1:], track[2:], strict=False)
        ]
    return sum(shakes) / len(shakes)


def _followed(frames: list[memoryview], place: tuple[float, float]) -> list[tuple[float, float]]:
    track = []
    for frame in frames:
        place = _centroid(frame, place)
        track.append(place)
    return track


def _centroid(frame: memoryview, near: tuple[float, float]) -> tuple[float, float]:
    """The centre of what is bright around `near`."""
    total = across = down = 0
    for y in range(round(near[1]) - _WINDOW, round(near[1]) + _WINDOW + 1):
        for x in range(round(near[0]) - _WINDOW, round(near[0]) + _WINDOW + 1):
            bright = max(0, frame[y * WIDTH + x] - 60)
            total, across, down = total + bright, across + bright * x, down + bright * y
    return across / total, down / total
