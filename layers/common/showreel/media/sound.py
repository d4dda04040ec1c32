"""The film's sound, sample by sample: what is cut exactly never drifts.

The clips' sounds are laid onto one file at their exact samples (any crossfade as long as the
picture's, 8 ms fades elsewhere against clicks), music is looped or cut to the film's length. Then
one FFmpeg pass ducks the music under the clips and measures the loudness of the mix.
"""

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from showreel.core.errors import MediaError
from showreel.media.bed import MICRO_FADE, Span, loop_spans, write_bed
from showreel.media.plan import SoundSpan
from showreel.media.profile import Profile
from showreel.media.runner import ProcessLimits, run
from showreel.media.wav import SAMPLE_RATE_HERTZ, length, samples, write_silence

TARGET_LUFS = -16.0
SILENCE_LUFS = -60.0
MOST_GAIN_DECIBELS = 20.0
FULL_VOLUME = 50
"""Music alone reaches the target loudness from this volume up; below, it is quieter."""
MUSIC_FADE_SECONDS = 2.0
SHORTEST_MUSIC = SAMPLE_RATE_HERTZ // 2

_LIMITS = ProcessLimits(seconds=240, output_bytes=2 * 1024**3)
_FORMATS = ((b"ID3", "mp3"), (b"RIFF", "wav"), (b"OggS", "ogg"), (b"fLaC", "flac"))
_LOUDNESS = re.compile(r"^\s+I:\s+(-?[\d.]+|nan|-?inf) LUFS", re.MULTILINE)
_DUCK = "sidechaincompress=threshold=0.02:ratio=6:attack=30:release=600:knee=4"
_DUCK_RATE_HERTZ = 8_000
"""Where the music's gain is found: speech is heard whole, and every sample costs a logarithm."""
_CHUNKS = "asetnsamples=n=16384:p=0"
_DUCK_CHUNK = 2048
"""Without equal chunks on both its inputs, FFmpeg's side chain gives another result each run."""


@dataclass(frozen=True)
class Mix:
    """The finished mix before its last gain. `gain_decibels` brings it to the target loudness; None
    leaves it as it is.
    """

    path: Path
    gain_decibels: float | None


def mix_film(
    spans: Iterable[SoundSpan],
    frames: int,
    profile: Profile,
    workdir: Path,
    *,
    music: Path | None = None,
    music_volume: int = FULL_VOLUME,
) -> Mix:
    """Writes the film's whole sound, `frames` long. `music_volume` is 0-100.

    Raises MediaError, `music_invalid` for music that can't be used.
    """
    workdir, total = workdir.resolve(), samples(profile, frames)
    native = _native(spans, profile, total, workdir)
    return mix_sounds(native, total, workdir, music=music, music_volume=music_volume)


def lay_film(spans: Iterable[SoundSpan], frames: int, profile: Profile, workdir: Path) -> Mix:
    """Writes the clips' own sounds, `frames` long together, at the levels that they have."""
    workdir, total = workdir.resolve(), samples(profile, frames)
    native = _native(spans, profile, total, workdir)
    if native is None:
        native = workdir / "mix.wav"
        write_silence(native, total)
    return Mix(native, None)


def mix_sounds(
    native: Path | None,
    total: int,
    workdir: Path,
    *,
    music: Path | None = None,
    music_volume: int = FULL_VOLUME,
    loops: bool = True,
) -> Mix:
    """Writes `total` samples: music under a sound of that length. Music that is shorter begins
    again, or it `loops` not and ends. Raises as `mix_film`.
    """
    score = _usable_score(music, total, workdir, loops) if music and music_volume > 0 else None
    destination = workdir / "mix.wav"
    if native is None and score is None:
        write_silence(destination, total)
        return Mix(destination, 0.0)
    arguments = mix_arguments(native, score, total, music_volume)
    log = run([*arguments, str(destination)], workdir, limits=_LIMITS)
    target = TARGET_LUFS if native else music_target(music_volume)
    return Mix(destination, gain_decibels(measured_loudness(log), target))


def music_target(volume: int) -> float:
    """Returns the loudness of a film that has only music, in LUFS."""
    return TARGET_LUFS + min(0.0, 20 * math.log10(volume / FULL_VOLUME))


def gain_decibels(measured_lufs: float, target_lufs: float) -> float:
    """Returns the gain to the target, at most 20 dB; none for silence."""
    if not measured_lufs > SILENCE_LUFS:
        return 0.0
    return min(MOST_GAIN_DECIBELS, target_lufs - measured_lufs)


def measured_loudness(log: str) -> float:
    """Integrated loudness from the summary of `ebur128`, in LUFS."""
    found = _LOUDNESS.findall(log)
    return float(found[-1]) if found else -math.inf


def master_filters(gain: float) -> str:
    """The last gain, and a limiter that keeps peaks below -1.5 dB without delaying anything."""
    limiter = "alimiter=limit=0.84:attack=5:release=80:level=0:latency=1"
    return f"volume={gain:.2f}dB,{limiter}"


def mix_arguments(native: Path | None, score: Path | None, total: int, volume: int) -> list[str]:
    """FFmpeg arguments for one mix, measured on the way."""
    inputs = [path for path in (native, score) if path is not None]
    arguments = [part for path in inputs for part in ("-f", "wav", "-i", str(path))]
    graph = mix_filters(total, volume, native=native is not None, score=score is not None)
    output = ["-map", "[mix]", "-c:a", "pcm_f32le", "-fflags", "+bitexact", "-f", "wav"]
    return [*arguments, "-filter_complex", graph, *output]


def mix_filters(total: int, volume: int, *, native: bool, score: bool) -> str:
    """Music at its volume, fading out at the end, ducked under what the clips themselves say."""
    seconds = total / SAMPLE_RATE_HERTZ
    fade = min(MUSIC_FADE_SECONDS, seconds / 2)
    music = f"volume={volume / 100:.2f},afade=t=out:st={seconds - fade:.6f}:d={fade:.6f}"
    measure = "ebur128=framelog=quiet"
    if not score:
        return f"[0:a]{measure}[mix]"
    if not native:
        return f"[0:a]{music},{measure}[mix]"
    return (
        f"[0:a]{_CHUNKS},asplit[clips][key];[1:a]{_CHUNKS},{music}[music];"
        f"{_duck_filters(seconds)};[music][gain]amultiply[ducked];"
        f"[clips][ducked]amix=inputs=2:duration=first:normalize=0,{measure}[mix]"
    )


def _duck_filters(seconds: float) -> str:
    """Makes the music's gain under `[key]`: what the side chain makes of a constant 1."""
    small = f"aresample={_DUCK_RATE_HERTZ}:filter_size=8,asetnsamples=n={_DUCK_CHUNK}:p=0"
    one = f"aevalsrc=1:s={_DUCK_RATE_HERTZ}:n={_DUCK_CHUNK}:d={seconds:.6f}"
    wide = f"aresample={SAMPLE_RATE_HERTZ}:filter_size=4,pan=stereo|c0=c0|c1=c0"
    return f"[key]{small}[small];{one}[one];[one][small]{_DUCK},{wide}[gain]"


def _native(spans: Iterable[SoundSpan], profile: Profile, total: int, workdir: Path) -> Path | None:
    """Returns the clips' own sound on one file, or None if no clip has any."""
    audible = [_span(span, span.sound, profile) for span in spans if span.sound is not None]
    if not audible:
        return None
    write_bed(audible, total, workdir / "native.wav")
    return workdir / "native.wav"


def _span(span: SoundSpan, sound: Path, profile: Profile) -> Span:
    """Frames to samples, rounded from the film's start so that nothing adds up."""
    start = samples(profile, span.start)
    end = samples(profile, span.start + span.length)
    rise, fall = (samples(profile, n) or MICRO_FADE for n in (span.fade_in, span.fade_out))
    return Span(sound, start, end - start, rise, fall, span.gain)


def _usable_score(music: Path, total: int, workdir: Path, loops: bool) -> Path:
    try:
        return _score(music, total, workdir, loops)
    except MediaError as error:
        raise MediaError("The music can't be used", code="music_invalid") from error


def decode_sound(source: Path, destination: Path, total: int) -> None:
    """Writes at most `total` samples of a sound of any usual kind. Raises MediaError."""
    form = f"atrim=end_sample={total},aformat=sample_fmts=s16:channel_layouts=stereo"
    output = ["-map", "0:a:0", "-af", f"aresample={SAMPLE_RATE_HERTZ},{form}", "-c:a", "pcm_s16le"]
    bitexact = ["-map_metadata", "-1", "-flags:a", "+bitexact", "-fflags", "+bitexact"]
    arguments = [*_sound_input(source), *output, *bitexact, "-f", "wav", str(destination.resolve())]
    run(arguments, destination.parent)


def _score(music: Path, total: int, workdir: Path, loops: bool) -> Path:
    """Returns the music as a file of exactly the film's length."""
    decoded = workdir / "music.wav"
    decode_sound(music, decoded, total)
    have = length(decoded)
    if have >= total:
        return decoded
    if have < min(SHORTEST_MUSIC, total):
        raise MediaError("The music is too short", code="media_too_short")
    once = [Span(decoded, 0, have, MICRO_FADE, MICRO_FADE)]
    spans = loop_spans(decoded, have, total) if loops else once
    write_bed(spans, total, workdir / "score.wav")
    return workdir / "score.wav"


def _sound_input(sound: Path) -> list[str]:
    """Opens a sound as what its first bytes say it is; nothing else is opened."""
    with sound.open("rb") as file:
        start = file.read(12)
    mpeg = start[:1] == b"\xff" and start[1:2] >= b"\xe0"
    guess = next((name for magic, name in _FORMATS if start.startswith(magic)), None)
    form = "mov" if start[4:8] == b"ftyp" else "mp3" if mpeg else guess
    if form is None:
        raise MediaError("This is no sound file", code="media_type")
    return ["-protocol_whitelist", "file", "-f", form, "-i", str(sound.resolve())]
