"""Sounds made without FFmpeg."""

import io
import math
import struct
import wave

RATE_HERTZ = 8000


def wav(seconds: float = 1.0) -> bytes:
    """A tone as a WAV file."""
    samples = [round(9000 * math.sin(i / 3)) for i in range(round(seconds * RATE_HERTZ))]
    data = io.BytesIO()
    with wave.open(data, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE_HERTZ)
        file.writeframes(struct.pack(f"<{len(samples)}h", *samples))
    return data.getvalue()
