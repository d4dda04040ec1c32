"""Detects types of untrusted sounds and videos by their first bytes, never by name or header."""

from showreel.core.errors import MediaError

MAGIC_BYTES = 64
MATROSKA = b"\x1a\x45\xdf\xa3"
OLD_MOVIE_STARTS = frozenset({b"moov", b"mdat", b"wide", b"free", b"skip"})
"""How MOV files start that have no brand."""
M4A_BRANDS = frozenset({b"M4A ", b"M4B ", b"mp42", b"mp41", b"isom", b"iso2", b"dash"})


def audio_type(start: bytes) -> str:
    """Returns `audio/mpeg`, `audio/mp4` or `audio/wav`, by the first bytes. Raises MediaError."""
    if start.startswith(b"ID3") or _is_mpeg_frame(start):
        return "audio/mpeg"
    if start[4:8] == b"ftyp" and start[8:12] in M4A_BRANDS:
        return "audio/mp4"
    if start[:4] == b"RIFF" and start[8:12] == b"WAVE":
        return "audio/wav"
    raise MediaError("The file is not MP3, M4A or WAV sound", code="media_type")


def video_type(start: bytes) -> str:
    """Returns an MP4's, MOV's or WebM's type by its first bytes. Raises MediaError `media_type`."""
    kind, brand = start[4:8], start[8:12]
    if kind in OLD_MOVIE_STARTS or (kind == b"ftyp" and brand == b"qt  "):
        return "video/quicktime"
    if kind == b"ftyp" and brand not in {b"M4A ", b"M4B "}:
        return "video/mp4"
    if start.startswith(MATROSKA) and b"webm" in start:
        return "video/webm"
    raise MediaError("The file is not an MP4, MOV or WebM video", code="media_type")


def is_audio(start: bytes) -> bool:
    """Returns whether the first bytes are those of a sound file."""
    try:
        audio_type(start)
    except MediaError:
        return False
    return True


def _is_mpeg_frame(start: bytes) -> bool:
    """Returns whether it is an MPEG layer III header, without reserved values."""
    if len(start) < 4 or start[0] != 0xFF or start[1] & 0xE0 != 0xE0:
        return False
    version, layer = start[1] >> 3 & 3, start[1] >> 1 & 3
    bit_rate, sample_rate = start[2] >> 4, start[2] >> 2 & 3
    return version != 1 and layer == 1 and bit_rate not in {0, 15} and sample_rate != 3
