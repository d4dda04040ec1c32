"""A storyboard as it comes, against one filter graph: eight videos of other sizes and rates, one of
a variable rate, four pictures, two voice-overs, music ducked under them, crossfades.
"""

from dataclasses import dataclass
from pathlib import Path

from bench.media_tools import (
    CLIP_FRAMES,
    CLIP_SECONDS,
    FPS,
    HEIGHT,
    WIDTH,
    Cost,
    ffmpeg,
    frame_rows,
    least,
    measured,
    music,
    photo,
)
from showreel.media.compile import write_film
from showreel.media.cues import InFilm
from showreel.media.mastering import measure
from showreel.media.motion import render_motion
from showreel.media.moves import Move, MoveKind
from showreel.media.normalise import normalise_clip
from showreel.media.plan import (
    Clip,
    CompilePlan,
    RenderedTransition,
    SoundSpan,
    TransitionKind,
    total_frames,
)
from showreel.media.profile import Profile
from showreel.media.sound import decode_speech
from showreel.media.transition import encode_crossfade

SOURCES = (
    ("1920x1080", "24"),
    ("1280x720", "30"),
    ("720x1280", "25"),
    ("960x720", "60"),
    ("640x360", "30000/1001"),
    ("1024x1024", "15"),
    ("1280x544", "24"),
    ("1280x720", "vfr"),
)
PICTURES = ((1600, 900), (1600, 1200), (1500, 1000), (900, 1600))
SPOKEN = {3: 4.0, 9: 4.5}
"""Seconds of the voice-overs, by the shots that they begin with."""
SHARED = 12
"""Frames of a crossfade."""


@dataclass(frozen=True)
class Board:
    """The files: twelve shots, the voice-overs by shot, the music."""

    directory: Path
    shots: tuple[Path, ...]
    voices: dict[int, Path]
    music: Path


@dataclass(frozen=True)
class Comparison:
    """What was measured."""

    naive: Cost
    naive_frames: int
    pieces: Cost
    ours: Cost
    frames: int
    planned: int
    lufs: float
    peak_decibels: float


def compared(masters: list[Path], directory: Path, profile: Profile) -> Comparison:
    """Makes the same film both ways."""
    board = _board(masters, directory)
    naive_path = directory / "naive_mixed.mp4"
    naive = measured(lambda: _naive(board, profile, naive_path))
    for number in range(len(board.shots)):
        (directory / f"piece{number}").mkdir()
    pieces = measured(lambda: _pieces(board, profile))
    ours = least(lambda: write_film(_plan(board, profile), directory, music=board.music))
    plan = _plan(board, profile)
    film = write_film(plan, directory, music=board.music)
    heard = measure(film)
    return Comparison(
        naive=naive,
        naive_frames=len(frame_rows(naive_path)),
        pieces=pieces,
        ours=ours,
        frames=len(frame_rows(film)),
        planned=total_frames(plan),
        lufs=heard.lufs,
        peak_decibels=heard.peak_decibels,
    )


def _board(masters: list[Path], directory: Path) -> Board:
    videos = iter(enumerate(SOURCES))
    stills = iter(enumerate(PICTURES))
    shots = []
    for number in range(12):
        if number % 3 == 2:
            index, (width, height) = next(stills)
            path = directory / f"still{index}.jpg"
            ffmpeg(
                "-i",
                photo(directory / f"still{index}.png", 50 + index),
                "-vf",
                f"scale={width}:{height}",
                "-q:v",
                2,
                path,
            )
        else:
            index, (size, rate) = next(videos)
            path = directory / f"mixed{index}.mp4"
            _video(masters[index], size, rate, path)
        shots.append(path)
    voices = {}
    for shot, seconds in SPOKEN.items():
        voices[shot] = directory / f"voice{shot}.mp3"
        talk = f"aevalsrc=0.2*sin(2*PI*(220+60*sin(t*7))*t)*(0.6+0.4*sin(25*t)):s=44100:d={seconds}"
        ffmpeg("-f", "lavfi", "-i", talk, voices[shot])
    return Board(directory, tuple(shots), voices, music(directory / "mixed.mp3"))


def _video(source: Path, size: str, rate: str, path: Path) -> None:
    scale = f"scale={size.replace('x', ':')}"
    uneven = "select=not(mod(n\\,3))+gt(n\\,60)"
    timing = (
        ["-vf", f"{uneven},{scale}", "-fps_mode", "vfr"]
        if rate == "vfr"
        else ["-vf", f"fps={rate},{scale}"]
    )
    ffmpeg(
        "-i",
        source,
        *timing,
        "-c:v",
        "libx264",
        "-preset",
        "fast",
        "-crf",
        17,
        "-c:a",
        "copy",
        path,
    )


def _naive(board: Board, profile: Profile, target: Path) -> None:
    """All in one graph: scaled and padded, zoompan, a chain of xfade, sidechain, loudnorm, x264."""
    inputs, graph = list[object](), list[str]()
    size = f"{WIDTH}:{HEIGHT}"
    fit = f"scale={size}:force_original_aspect_ratio=decrease,pad={size}:-1:-1,setsar=1"
    silent = f"aevalsrc=0:s=48000:d={CLIP_SECONDS},aformat=channel_layouts=stereo"
    for number, shot in enumerate(board.shots):
        inputs += ["-i", shot]
        is_still = shot.suffix == ".jpg"
        pan = f"zoompan=z='1+0.1*on/{CLIP_FRAMES}':d={CLIP_FRAMES}:s={WIDTH}x{HEIGHT}"
        shown = f"{pan}:fps={FPS}" if is_still else f"{fit},fps={FPS},tpad=stop=-1:stop_mode=clone"
        graph.append(
            f"[{number}:v]{shown},trim=duration={CLIP_SECONDS},setpts=PTS-STARTPTS,fps={FPS},"
            f"format=yuv420p,settb=1/{FPS}[v{number}]"
        )
        heard = (
            silent
            if is_still
            else (
                f"[{number}:a]aresample=48000,apad,atrim=duration={CLIP_SECONDS},"
                "aformat=channel_layouts=stereo"
            )
        )
        graph.append(f"{heard}[a{number}]")
    video, sound, seconds = "[v0]", "[a0]", SHARED / FPS
    for number in range(1, len(board.shots)):
        offset = number * (CLIP_SECONDS - seconds)
        graph.append(f"{video}[v{number}]xfade=duration={seconds}:offset={offset}[x{number}]")
        graph.append(f"{sound}[a{number}]acrossfade=d={seconds}[y{number}]")
        video, sound = f"[x{number}]", f"[y{number}]"
    count = len(board.shots)
    for place, (shot, voice) in enumerate(board.voices.items()):
        inputs += ["-i", voice]
        delay = round(1000 * shot * (CLIP_SECONDS - seconds))
        graph.append(
            f"[{count + place}:a]adelay={delay}:all=1,aformat=channel_layouts=stereo,apad[s{place}]"
        )
    total = count * CLIP_SECONDS - (count - 1) * seconds
    graph.append(f"{sound}[s0][s1]amix=inputs=3:duration=first:normalize=0,asplit[said][key]")
    graph.append(f"[{count + 2}:a]volume=0.5,atrim=duration={total}[m]")
    graph.append("[m][key]sidechaincompress=threshold=0.02:ratio=6:release=600[d]")
    graph.append("[said][d]amix=inputs=2:duration=first:normalize=0,loudnorm=I=-16:TP=-1[a]")
    looped = ["-stream_loop", -1, "-i", board.music]
    codecs = ["-c:v", "libx264", "-preset", "medium", "-crf", profile.crf, "-c:a", "aac"]
    mapped = ["-map", video, "-map", "[a]", *codecs]
    ffmpeg(*inputs, *looped, "-filter_complex", ";".join(graph), *mapped, target)


def _pieces(board: Board, profile: Profile) -> None:
    """What a sync begins: every clip and every transition."""
    for number, shot in enumerate(board.shots):
        folder, in_film = (
            board.directory / f"piece{number}",
            InFilm(cuts=(SHARED, CLIP_FRAMES - SHARED)),
        )
        if shot.suffix == ".jpg":
            render_motion(
                shot,
                folder / "clip.mp4",
                move=Move(MoveKind.DOLLY_IN, 0.5),
                frames=CLIP_FRAMES,
                profile=profile,
                in_film=in_film,
            )
        else:
            normalise_clip(shot, folder, profile, expected_frames=CLIP_FRAMES, in_film=in_film)
    for number in range(len(board.shots) - 1):
        before, after = (board.directory / f"piece{n}" / "clip.mp4" for n in (number, number + 1))
        transition = board.directory / f"mixed_transition{number}.mp4"
        encode_crossfade(before, after, transition, profile, frames=SHARED)


def _plan(board: Board, profile: Profile) -> CompilePlan:
    """The plan of the film; its voice-overs are decoded here, as a compile does it."""
    folders = [board.directory / f"piece{number}" for number in range(len(board.shots))]
    speeches = []
    for shot, voice in board.voices.items():
        frames = profile.frames(SPOKEN[shot])
        decoded = board.directory / f"voice{shot}.wav"
        levels = decode_speech(voice, decoded, frames * 48_000 // FPS)
        start = shot * (CLIP_FRAMES - SHARED)
        speeches.append(
            SoundSpan(
                decoded, start, frames, gain=levels.gain, duck_gain=levels.gain, peak=levels.peak
            )
        )
    clips = (
        Clip(
            folder / "clip.mp4",
            CLIP_FRAMES,
            folder / "sound.wav" if (folder / "sound.wav").exists() else None,
        )
        for folder in folders
    )
    transitions = (
        RenderedTransition(
            TransitionKind.CROSSFADE, board.directory / f"mixed_transition{number}.mp4", SHARED
        )
        for number in range(len(folders) - 1)
    )
    return CompilePlan(profile, tuple(clips), tuple(transitions), tuple(speeches))
