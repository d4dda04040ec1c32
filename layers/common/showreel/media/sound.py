"""Mixes the film's sound, exact to the sample, so that it never drifts.

The clips' sounds are laid onto one file at their exact samples (any crossfade as long as the
picture's, 8 ms fades elsewhere against clicks), music is looped or cut to the film's length. Then
one FFmpeg pass ducks the music under the clips and measures the loudness of the mix.

A voice-over is brought to a standard loudness before its volume is applied. It ducks the music as
at full volume: a user who lowers it still wants to understand it.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from showreel.core.errors import MediaError
from showreel.media.bed import MICRO_FADE, Span, highest_sum, loop_spans, write_bed
from showreel.media.mastering import METER, TARGET_LUFS, Mix, gain_decibels, reading
from showreel.media.plan import SoundSpan
from showreel.media.profile import Profile
from showreel.media.runner import ProcessLimits, run
from showreel.media.wav import SAMPLE_RATE_HERTZ, length, samples, wav_input, write_silence

SPEECH_LUFS = -18.0
"""The loudness of a voice-over at full volume. Its peaks need more room than a whole film's."""
FULL_VOLUME = 50
"""The volume from which on music alone has the target loudness; below it is quieter."""
MUSIC_FADE_SECONDS = 2.0
SHORTEST_MUSIC = SAMPLE_RATE_HERTZ // 2

_LIMITS = ProcessLimits(seconds=240, output_bytes=2 * 1024**3)
_FORMATS = ((b"ID3", "mp3"), (b"RIFF", "wav"), (b"OggS", "ogg"), (b"fLaC", "flac"))
_DUCK = "sidechaincompress=threshold=0.02:ratio=6:attack=30:release=600:knee=4"
_DUCK_RATE_HERTZ = 8_000
"""Where the music's gain is computed: enough for speech, and each sample costs a logarithm."""
_ADD = "amix=inputs=2:duration=first:normalize=0"
_CHUNKS = "asetnsamples=n=16384:p=0"
_DUCK_CHUNK = 2048
"""The size of chunks on both inputs: without equal ones FFmpeg's side chain varies between runs."""


@dataclass(frozen=True)
class Bed:
    """Sounds on one file, whose samples must be multiplied by `scale`."""

    path: Path
    scale: float = 1.0


@dataclass(frozen=True)
class SpeechLevels:
    """The levels of a decoded voice-over: the gain that brings it to full volume, and its highest
    peak, 1 for full scale.
    """

    gain: float
    peak: float


def mix_film(
    spans: Iterable[SoundSpan],
    frames: int,
    profile: Profile,
    workdir: Path,
    *,
    music: Path | None = None,
    music_volume: int = FULL_VOLUME,
) -> Mix:
    """Writes the mix of the film's whole sound, `frames` long. `music_volume` is 0-100.

    Raises MediaError, `music_invalid` for music that can't be used.
    """
    workdir, total, spans = workdir.resolve(), samples(profile, frames), list(spans)
    native = _laid(spans, profile, total, workdir / "native.wav")
    speeches = [replace(span, gain=span.duck_gain) for span in spans if span.duck_gain]
    key = _laid(speeches, profile, total, workdir / "key.wav") if music and music_volume else None
    return _mix(native, key, total, workdir, music=music, music_volume=music_volume)


def lay_film(spans: Iterable[SoundSpan], frames: int, profile: Profile, workdir: Path) -> Mix:
    """Writes the clips' own sounds, `frames` long together, at their own levels."""
    workdir, total = workdir.resolve(), samples(profile, frames)
    laid = _laid(list(spans), profile, total, workdir / "native.wav", most=math.inf)
    if laid is None:
        write_silence(workdir / "native.wav", total)
    return Mix(workdir / "native.wav")


def mix_sounds(
    native: Path | None,
    total: int,
    workdir: Path,
    *,
    music: Path | None = None,
    music_volume: int = FULL_VOLUME,
    loops: bool = True,
) -> Mix:
    """Writes `total` samples: music under a sound of that length. Shorter music repeats if `loops`,
    else it ends. Raises as `mix_film`.
    """
    bed = None if native is None else Bed(native)
    return _mix(bed, None, total, workdir, music=music, music_volume=music_volume, loops=loops)


def _mix(
    native: Bed | None,
    key: Bed | None,
    total: int,
    workdir: Path,
    *,
    music: Path | None,
    music_volume: int,
    loops: bool = True,
) -> Mix:
    """Writes the mix; see `mix_sounds`. `key` ducks the music in addition to the native sound."""
    score = _usable_score(music, total, workdir, loops) if music and music_volume > 0 else None
    destination = workdir / "mix.wav"
    if native is None and score is None:
        write_silence(destination, total)
        return Mix(destination, target_lufs=TARGET_LUFS)
    arguments = mix_arguments(native, key, score, total, music_volume)
    log = run([*arguments, str(destination)], workdir, limits=_LIMITS)
    target = TARGET_LUFS if native else music_target(music_volume)
    heard = reading(log)
    return Mix(destination, heard.lufs, heard.peak_decibels, target)


def music_target(volume: int) -> float:
    """Returns the loudness in LUFS of a film that has only music."""
    return TARGET_LUFS + min(0.0, 20 * math.log10(volume / FULL_VOLUME))


def mix_arguments(
    native: Bed | None, key: Bed | None, score: Path | None, total: int, volume: int
) -> list[str]:
    """Returns FFmpeg arguments for one mix, which is measured on the way."""
    inputs = [bed.path for bed in (native, key) if bed] + ([score] if score else [])
    arguments = [part for path in inputs for part in wav_input(path)]
    graph = mix_filters(total, volume, native=native, key=key, score=score is not None)
    output = ["-map", "[mix]", "-c:a", "pcm_f32le", "-fflags", "+bitexact", "-f", "wav"]
    return [*arguments, "-filter_complex", graph, *output]


def mix_filters(
    total: int, volume: int, *, native: Bed | None, key: Bed | None, score: bool
) -> str:
    """Returns the filter graph: music at its volume, fading out, ducked under the clips' own sound
    and the voice-overs in `key`.
    """
    seconds = total / SAMPLE_RATE_HERTZ
    fade = min(MUSIC_FADE_SECONDS, seconds / 2)
    rise = f"afade=t=in:ns={MICRO_FADE}"
    music = f"volume={volume / 100:.2f},{rise},afade=t=out:st={seconds - fade:.6f}:d={fade:.6f}"
    if native is None:
        return f"[0:a]{music},{METER}[mix]"
    if not score:
        return f"[0:a]{_level(native)}{METER}[mix]"
    clips = f"[0:a]{_level(native)}{_CHUNKS},asplit[clips][own]"
    keys = "[own]anull[key]"
    if key is not None:
        keys = f"[1:a]{_level(key)}{_CHUNKS}[said];[own][said]{_ADD}[key]"
    number = 1 if key is None else 2
    return (
        f"{clips};{keys};[{number}:a]{_CHUNKS},{music}[music];"
        f"{_duck_filters(seconds)};[music][gain]amultiply[ducked];"
        f"[clips][ducked]{_ADD},{METER}[mix]"
    )


def _level(bed: Bed) -> str:
    return "" if bed.scale == 1 else f"volume={bed.scale:.6f},"


def _duck_filters(seconds: float) -> str:
    """Makes the music's gain under `[key]`: the side chain's output for a constant 1."""
    small = f"aresample={_DUCK_RATE_HERTZ}:filter_size=8,asetnsamples=n={_DUCK_CHUNK}:p=0"
    one = f"aevalsrc=1:s={_DUCK_RATE_HERTZ}:n={_DUCK_CHUNK}:d={seconds:.6f}"
    wide = f"aresample={SAMPLE_RATE_HERTZ}:filter_size=4,pan=stereo|c0=c0|c1=c0"
    return f"[key]{small}[small];{one}[one];[one][small]{_DUCK},{wide}[gain]"


def _laid(
    spans: Sequence[SoundSpan],
    profile: Profile,
    total: int,
    destination: Path,
    *,
    most: float = 1.0,
) -> Bed | None:
    """Lays audible sounds onto one file; returns None without any. Where several overlap, all are
    made quieter, so that their sum stays below `most`.
    """
    audible = [_span(span, span.sound, profile) for span in spans if span.sound is not None]
    if not audible:
        return None
    scale = max(1.0, highest_sum(audible) / most)
    write_bed((replace(span, gain=span.gain / scale) for span in audible), total, destination)
    return Bed(destination, scale)


def _span(span: SoundSpan, sound: Path, profile: Profile) -> Span:
    """Returns the span in samples, rounded from the film's start so that errors don't add up."""
    start = samples(profile, span.start)
    end = samples(profile, span.start + span.length)
    rise, fall = (samples(profile, n) or MICRO_FADE for n in (span.fade_in, span.fade_out))
    return Span(sound, start, end - start, rise, fall, span.gain, span.peak)


def _usable_score(music: Path, total: int, workdir: Path, loops: bool) -> Path:
    try:
        return _score(music, total, workdir, loops)
    except MediaError as error:
        raise MediaError("The music can't be used", code="music_invalid") from error


def decode_speech(source: Path, destination: Path, total: int) -> SpeechLevels:
    """Writes at most `total` samples of a voice-over; returns its level. Raises MediaError."""
    measured = reading(decode_sound(source, destination, total, [METER]))
    gain = gain_decibels(measured.lufs, SPEECH_LUFS)
    return SpeechLevels(10 ** (gain / 20), min(1.0, 10 ** (measured.peak_decibels / 20)))


def decode_sound(source: Path, destination: Path, total: int, filters: Sequence[str] = ()) -> str:
    """Writes at most `total` samples of a sound of any usual format. Returns FFmpeg's log. Raises
    MediaError.
    """
    form = "aformat=sample_fmts=s16:channel_layouts=stereo"
    graph = [f"aresample={SAMPLE_RATE_HERTZ}", f"atrim=end_sample={total}", *filters, form]
    output = ["-map", "0:a:0", "-af", ",".join(graph), "-c:a", "pcm_s16le"]
    bitexact = ["-map_metadata", "-1", "-flags:a", "+bitexact", "-fflags", "+bitexact"]
    arguments = [*_sound_input(source), *output, *bitexact, "-f", "wav", str(destination.resolve())]
    return run(arguments, destination.parent)


def _score(music: Path, total: int, workdir: Path, loops: bool) -> Path:
    """Returns the music as a file of exactly `total` samples. Raises MediaError."""
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
    """Opens a sound as the format of its first bytes, and as no other. Raises MediaError."""
    with sound.open("rb") as file:
        start = file.read(12)
    mpeg = start[:1] == b"\xff" and start[1:2] >= b"\xe0"
    guess = next((name for magic, name in _FORMATS if start.startswith(magic)), None)
    form = "mov" if start[4:8] == b"ftyp" else "mp3" if mpeg else guess
    if form is None:
        raise MediaError("This is no sound file", code="media_type")
    return ["-protocol_whitelist", "file", "-f", form, "-i", str(sound.resolve())]
