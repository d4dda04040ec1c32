"""The quiet tracks: short loops for the synthesizer. Notes are MIDI numbers."""

from __future__ import annotations

import numpy as np

from tools.music import synth
from tools.music.synth import Loop, Sound


def morning_light() -> Sound:
    """Returns a felt piano: rolled chords below, a sparse tune above."""
    loop, random = Loop(72, 48), np.random.default_rng(1)
    chords = [
        (41, 57, 60, 64),
        (45, 55, 60, 64),
        (38, 57, 60, 65),
        (46, 57, 62, 65),
        (41, 57, 60, 67),
        (40, 55, 60, 67),
        (38, 57, 60, 65),
        (43, 58, 62, 65),
        (46, 58, 62, 65),
        (45, 57, 60, 65),
        (43, 58, 62, 69),
        (36, 58, 62, 65),
    ]
    tune = [
        (0, 72),
        (1.5, 76),
        (3, 77),
        (4, 76),
        (6, 72),
        (8, 74),
        (9.5, 77),
        (11, 81),
        (12, 79),
        (14, 77),
        (16, 76),
        (18, 72),
        (19.5, 74),
        (20, 76),
        (23, 79),
        (24, 77),
        (26, 74),
        (28, 70),
        (30, 74),
        (32, 77),
        (33.5, 79),
        (35, 81),
        (36, 84),
        (38, 81),
        (40, 79),
        (41.5, 77),
        (43, 74),
        (44, 76),
        (46, 77),
    ]
    for bar, (low, *rest) in enumerate(chords):
        start = bar * 4
        loop.add(start, synth.piano(low, 0.55, 6.5), 0.75, -0.2)
        pattern = [rest[0], rest[1], rest[2], rest[1], rest[0] + 12, rest[2], rest[1]]
        for step, pitch in enumerate(pattern):
            loop.add(
                start + 0.5 * (step + 1) + random.normal(0, 0.008),
                synth.piano(pitch, 0.33 + 0.02 * (step % 3)),
                0.55,
                -0.1 + 0.05 * step,
            )
    for beat, pitch in tune:
        loop.add(beat + random.normal(0, 0.01), synth.piano(pitch, 0.6), 0.8, 0.15)
    pad = Loop(72, 48)
    for bar, (_, *rest) in enumerate(chords):
        for pitch in rest:
            pad.add(bar * 4 - 0.6, synth.strings(pitch, 5.0, 0.3), 0.16, (pitch % 5 - 2) / 4)
    return synth.reverb(loop.sound + synth.reverb(pad.sound, 3.0, 0.7, 4), 2.4, 0.42, 2)


def skyline() -> Sound:
    """Wide slow strings, a low pulse, bells far away."""
    pad, low, bells = Loop(64, 40), Loop(64, 40), Loop(64, 40)
    chords = [
        (33, 52, 57, 60, 64, 71),
        (29, 53, 57, 60, 64, 69),
        (36, 52, 55, 60, 64, 67),
        (35, 50, 55, 59, 62, 67),
        (38, 53, 57, 60, 65, 72),
    ]
    for number, (root, *rest) in enumerate(chords):
        start = number * 8
        for voice, pitch in enumerate(rest):
            pad.add(start - 1.2, synth.strings(pitch, 10.4, 0.5), 0.5, (voice - 2) / 2.4)
            pad.add(start + 2.5, synth.strings(pitch + 12, 6.5, 0.25), 0.13, (2 - voice) / 2.4)
        low.add(start - 0.5, synth.strings(root + 12, 9.0, 0.6), 0.6)
        for step in range(16):
            low.add(
                start + step / 2,
                synth.bass(root + 12, 0.35 + 0.15 * (step % 4 == 0), 0.4),
                0.4,
                0.15 * (-1) ** step,
            )
        for beat, voice in ((0, 4), (1.5, 2), (3, 3), (5, 4), (6.5, 1)):
            bells.add(
                start + beat, synth.piano(rest[voice] + 12, 0.5), 0.5, 0.5 * (-1) ** int(beat)
            )
        low.add(start, synth.kick(0.9, 38, True), 0.7)
    far = synth.reverb(synth.echo(bells.sound, 0.70, 0.4), 3.5, 0.8, 9, 5200)
    return (
        synth.reverb(pad.sound, 3.8, 0.6, 10)
        + synth.reverb(low.sound, 1.6, 0.2, 11)
        + far * np.float32(0.8)
    )


def paper_lanterns() -> Sound:
    """Returns a waltz for mallets and a soft piano."""
    bars, piano = Loop(96, 54), Loop(96, 54)
    random = np.random.default_rng(6)
    chords = [
        (38, 57, 62, 66),
        (47, 59, 62, 66),
        (43, 59, 62, 67),
        (45, 57, 61, 64),
        (38, 57, 62, 66),
        (42, 57, 61, 66),
        (43, 59, 62, 67),
        (45, 57, 61, 67),
        (47, 59, 62, 66),
    ] * 2
    tune = [
        (0, 74),
        (1, 78),
        (2, 81),
        (3, 83),
        (5, 81),
        (6, 79),
        (7, 78),
        (8, 74),
        (9, 76),
        (12, 78),
        (13, 81),
        (14, 86),
        (15, 85),
        (17, 81),
        (18, 83),
        (19, 81),
        (20, 79),
        (21, 76),
        (23, 79),
        (24, 78),
        (25, 74),
    ]
    for bar, (root, *rest) in enumerate(chords):
        start = bar * 3
        piano.add(start, synth.piano(root, 0.5, 4.5), 0.7, -0.15)
        for beat in (1, 2):
            for number, pitch in enumerate(rest):
                piano.add(
                    start + beat + number * 0.015, synth.piano(pitch, 0.28, 2.5), 0.45, 0.1 * number
                )
        for step, voice in enumerate((0, 1, 2, 1, 2, 0)):
            bars.add(
                start + step / 2 + random.normal(0, 0.006),
                synth.mallet(rest[voice] + 12, 0.4),
                0.42,
                -0.4,
            )
    for turn in (0, 27):
        for beat, pitch in tune:
            bars.add(turn + beat, synth.mallet(pitch, 0.75), 0.65, 0.25)
            if turn:
                piano.add(turn + beat, synth.piano(pitch - 12, 0.4, 3.0), 0.5, 0.1)
    return synth.reverb(synth.echo(bars.sound, 0.47, 0.25, 3), 1.9, 0.35, 15, 5600) + synth.reverb(
        piano.sound, 2.0, 0.35, 16
    )
