"""The tracks with a beat. Notes are MIDI numbers."""

from __future__ import annotations

import numpy as np

from tools.music import synth
from tools.music.synth import Loop, Sound


def velvet_sofa() -> Sound:
    """Lo-fi: a tine piano, a lazy beat, a record's crackle."""
    keys, drums, low = Loop(80, 48), Loop(80, 48), Loop(80, 48)
    random = np.random.default_rng(2)
    chords = [
        (38, 53, 57, 60, 64),
        (43, 53, 59, 64, 69),
        (36, 52, 55, 59, 62),
        (45, 52, 55, 60, 67),
    ] * 3
    for bar, (root, *rest) in enumerate(chords):
        start = bar * 4
        for beat, force in (
            ((0, 0.75), (2.66, 0.5)) if bar % 2 else ((0, 0.75), (1.66, 0.45), (3.0, 0.5))
        ):
            for number, pitch in enumerate(rest):
                keys.add(
                    start + beat + number * 0.018,
                    synth.electric_piano(pitch, force, 2.6 if beat == 0 else 1.2),
                    0.5,
                    (number - 1.5) / 3,
                )
        for beat, pitch, length in (
            (0, root, 1.1),
            (1.66, root, 0.4),
            (2.5, root + 7, 0.6),
            (3.66, root + 12, 0.25),
        ):
            low.add(start + beat, synth.bass(pitch, 0.8, length), 0.75)
        _lazy_beat(drums, start, random)
    lick = [
        (4.66, 76),
        (5, 74),
        (5.66, 72),
        (6.33, 69),
        (12.66, 67),
        (13, 69),
        (13.66, 72),
        (20.66, 79),
        (21, 76),
        (21.66, 74),
        (22.33, 72),
        (28.66, 72),
        (29, 74),
        (30, 76),
        (36.66, 81),
        (37, 79),
        (37.66, 76),
        (38.33, 74),
        (44.66, 74),
        (45, 72),
        (46, 67),
    ]
    for beat, pitch in lick:
        keys.add(beat, synth.electric_piano(pitch, 0.55, 1.6), 0.55, 0.3)
    warm = synth.band(synth.reverb(keys.sound, 1.4, 0.3, 5), 60, 4200)
    dust = np.stack([synth.crackle(keys.sound.shape[1], seed) for seed in (1, 2)])
    return (
        warm
        + synth.reverb(synth.band(drums.sound, 30, 8500), 0.7, 0.12, 6) * np.float32(0.85)
        + low.sound
        + dust * np.float32(0.05)
    )


def _lazy_beat(drums: Loop, start: float, random: np.random.Generator) -> None:
    for beat in (0, 1.66, 2.5) if start % 8 else (0, 2.66):
        drums.add(start + beat, synth.kick(0.9, 50, True), 0.8)
    for beat in (1, 3):
        drums.add(start + beat + 0.03, synth.snare(0.6), 0.55, 0.05)
    for step in range(8):
        late = 0.16 if step % 2 else 0.0
        drums.add(
            start + step / 2 + late + random.normal(0, 0.01),
            synth.hat(0.55 if step % 2 else 0.8, 0.04),
            0.5,
            0.25,
        )


def open_windows() -> Sound:
    """Plucked strings in a bright picking pattern, with claps and a shaker."""
    strings, rhythm, low = Loop(112, 64), Loop(112, 64), Loop(112, 64)
    random = np.random.default_rng(3)
    shapes = [
        (43, 50, 55, 59, 67),
        (42, 50, 57, 62, 66),
        (40, 52, 55, 59, 67),
        (48, 52, 55, 62, 64),
    ] * 3 + [(45, 52, 57, 60, 64), (48, 52, 55, 60, 67), (43, 50, 55, 59, 67), (50, 57, 62, 66, 69)]
    for bar, shape in enumerate(shapes):
        start = bar * 4
        for step, string in enumerate((0, 2, 3, 4, 1, 3, 2, 4)):
            force = 0.75 if step in (0, 3, 6) else 0.5
            strings.add(
                start + step / 2 + random.normal(0, 0.006),
                synth.string_pluck(shape[string] + 12 * (string == 0 and shape[0] < 42), force),
                0.6,
                -0.35,
            )
        if bar >= 4:
            for beat in (0, 1.5, 2.5):
                for number, pitch in enumerate(shape[1:]):
                    strings.add(
                        start + beat + number * 0.02,
                        synth.string_pluck(pitch + 12, 0.4, 1.4),
                        0.3,
                        0.45,
                    )
        low.add(
            start, synth.bass(shape[0] - 12 if shape[0] > 45 else shape[0], 0.7, 0.9, 1.1), 0.55
        )
        low.add(
            start + 2.5,
            synth.bass(shape[0] - 12 if shape[0] > 45 else shape[0], 0.6, 0.6, 1.1),
            0.5,
        )
        _handclaps(rhythm, start, bar)
    tune = [
        (32, 74),
        (33, 71),
        (34.5, 69),
        (36, 66),
        (37.5, 69),
        (39, 71),
        (40, 67),
        (41.5, 71),
        (43, 74),
        (44, 76),
        (46, 74),
        (48, 72),
        (49.5, 76),
        (51, 79),
        (52, 76),
        (54, 74),
        (55, 72),
        (56, 71),
        (57.5, 74),
        (59, 79),
        (60, 78),
        (62, 74),
        (63, 69),
    ]
    for beat, pitch in tune:
        strings.add(beat, synth.mallet(pitch, 0.7), 0.5, 0.2)
    return (
        synth.reverb(strings.sound, 1.5, 0.26, 7, 6000)
        + synth.reverb(rhythm.sound, 0.9, 0.2, 8)
        + low.sound
    )


def _handclaps(rhythm: Loop, start: float, bar: int) -> None:
    for step in range(8):
        rhythm.add(
            start + step / 2, synth.hat(0.5 if step % 2 else 0.32, 0.11, 11 + step % 3), 0.5, 0.35
        )
    if bar >= 4:
        for beat in (0, 2):
            rhythm.add(start + beat, synth.kick(0.75, 52, True), 0.6)
        for beat in (1, 3):
            rhythm.add(start + beat, synth.snare(0.6, 6, True), 0.6, -0.1)


def sunday_club() -> Sound:
    """House: four to the floor, organ stabs, a rolling bass."""
    chords, drums, low, pad = (Loop(122, 80) for _ in range(4))
    shapes = [
        (45, 57, 60, 64, 67),
        (38, 57, 60, 65, 69),
        (43, 55, 59, 62, 65),
        (36, 55, 59, 64, 67),
        (41, 57, 60, 64, 69),
    ] * 4
    for bar, (root, *rest) in enumerate(shapes):
        start = bar * 4
        for beat, force in (
            ((0, 0.8), (0.75, 0.6), (1.5, 0.8), (2.75, 0.65), (3.5, 0.55))
            if bar % 2 == 0
            else ((0.5, 0.75), (1.25, 0.6), (2.0, 0.8), (3.25, 0.6))
        ):
            for voice, pitch in enumerate(rest):
                chords.add(start + beat, synth.organ_stab(pitch, force), 0.5, (voice - 1.5) / 3.5)
        for step, (offset, octave) in enumerate(
            ((0.5, 0), (1.5, 0), (1.75, 12), (2.5, 0), (3.25, 7), (3.5, 0))
        ):
            pitch = root + octave - (12 if root > 42 else 0) + 12 * (root < 38 and step == 2)
            low.add(start + offset, synth.bass(pitch, 0.85, 0.26, 2.2), 0.7)
        for voice, pitch in enumerate(rest):
            pad.add(start - 0.3, synth.strings(pitch + 12, 2.6, 0.4), 0.14, (voice - 1.5) / 2)
        _four_to_the_floor(drums, start, bar)
    beat_seconds = chords.beat_seconds
    music = synth.reverb(
        synth.echo(chords.sound, beat_seconds * 0.75, 0.32, 3), 1.3, 0.22, 12, 6000
    ) + synth.reverb(pad.sound, 2.0, 0.4, 13)
    return (
        synth.duck(music, beat_seconds, 0.55)
        + synth.duck(low.sound, beat_seconds, 0.5)
        + synth.reverb(drums.sound, 0.6, 0.08, 14)
    )


def _four_to_the_floor(drums: Loop, start: float, bar: int) -> None:
    for beat in range(4):
        drums.add(start + beat, synth.kick(0.95), 0.85)
        drums.add(start + beat + 0.5, synth.hat(0.8, 0.12), 0.55, 0.2)
    for beat in (1, 3):
        drums.add(start + beat, synth.snare(0.8, 6, True), 0.65)
    for step in range(16):
        drums.add(start + step / 4, synth.hat(0.3 + 0.15 * (step % 4 == 2), 0.03, 21), 0.4, -0.3)
    if bar % 5 == 4:
        for number in range(3):
            drums.add(start + 3.25 + number / 4, synth.snare(0.35 + 0.1 * number, 8), 0.45, 0.2)
