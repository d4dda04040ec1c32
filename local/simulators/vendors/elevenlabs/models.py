"""What ElevenLabs has: models with their limits and prices, voices, formats.

Lengths are of the help article "API - Error Code 400 or 401" and the page of v3; a character of
the fast models costs half a credit (seen in `character-cost`), a second of an effect 5.4.
"""

from dataclasses import dataclass
from typing import Any, Literal

Family = Literal["speech", "effect", "music"]


@dataclass(frozen=True)
class Model:
    """A model: what it makes, the longest text it takes, and credits per character or second."""

    family: Family
    name: str
    most_characters: int
    credits_each: float


MODELS = {
    "eleven_v3": Model("speech", "Eleven v3", 5_000, 1),
    "eleven_multilingual_v2": Model("speech", "Eleven Multilingual v2", 10_000, 1),
    "eleven_flash_v2_5": Model("speech", "Eleven Flash v2.5", 40_000, 0.5),
    "eleven_turbo_v2_5": Model("speech", "Eleven Turbo v2.5", 40_000, 0.5),
    "eleven_flash_v2": Model("speech", "Eleven Flash v2", 30_000, 0.5),
    "eleven_turbo_v2": Model("speech", "Eleven Turbo v2", 30_000, 0.5),
    "eleven_text_to_sound_v2": Model("effect", "Sound effects v2", 450, 5.4),
    "eleven_text_to_sound_v3": Model("effect", "Sound effects v3", 450, 5.4),
    "music_v1": Model("music", "Eleven Music v1", 4_100, 15),
    "music_v2": Model("music", "Eleven Music v2", 4_100, 15),
    "music_v2_5": Model("music", "Eleven Music v2.5", 4_100, 15),
}
USUAL_MODELS: dict[Family, str] = {
    "speech": "eleven_multilingual_v2",
    "effect": "eleven_text_to_sound_v2",
    "music": "music_v1",
}
SWITCHED_OFF = frozenset({"eleven_monolingual_v1", "eleven_multilingual_v1"})
VOICES = {
    "21m00Tcm4TlvDq8ikWAM": "Rachel",
    "EXAVITQu4vr4xnSDxMaL": "Sarah",
    "JBFqnCBsd6RMkjVDRZzb": "George",
    "pNInz6obpgDQGcFmaJgB": "Adam",
}
FORMATS = frozenset(
    "mp3_22050_32 mp3_24000_48 mp3_44100_32 mp3_44100_64 mp3_44100_96 mp3_44100_128 "
    "mp3_44100_192".split()
)
MUSIC_FORMATS = FORMATS | frozenset(
    "auto mp3_48000_128 mp3_48000_192 mp3_48000_240 mp3_48000_320".split()
)


def best_format(model: str) -> str:
    """Returns what `auto` stands for."""
    return "mp3_44100_128" if model == "music_v1" else "mp3_48000_192"


def model_rows(gone: frozenset[str]) -> list[dict[str, Any]]:
    """Returns the listing of models, which has those of speech only."""
    return [
        {
            "model_id": model_id,
            "name": model.name,
            "can_do_text_to_speech": True,
            "can_do_voice_conversion": False,
            "maximum_text_length_per_request": model.most_characters,
            "token_cost_factor": model.credits_each,
            "languages": [{"language_id": "en", "name": "English"}],
        }
        for model_id, model in MODELS.items()
        if model.family == "speech" and model_id not in gone
    ]


def voice_rows() -> list[dict[str, Any]]:
    """Returns the listing of voices."""
    return [
        {"voice_id": voice_id, "name": name, "category": "premade", "labels": {}}
        for voice_id, name in VOICES.items()
    ]
