"""Names in files for what OpenTimelineIO has no name for."""

OWN = "showreel"
"""Our only key in metadata."""
RESOLVE, RESOLVE_VOLUME = "Resolve_OTIO", "Fairlight Clip Volume and Fades"
"""How DaVinci Resolve writes a clip's volume, in decibels: the only form that any editor reads."""
PREMIERE = "PremierePro_OTIO"
SILENT_DB, LOUDEST_DB = -100.0, 30.0
"""Resolve's limits."""
VIDEO, AUDIO = "Video", "Audio"
PICTURE, SOUND, VOICE_OVER, MUSIC = "picture", "sound", "voice_over", "music"
"""The roles of our tracks."""
TEXT, CAPTION = "text", "caption"
"""The kinds of our markers."""
