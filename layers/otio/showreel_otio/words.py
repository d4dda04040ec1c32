"""The names that files use for what OpenTimelineIO has none for."""

OWN = "showreel"
"""The one key of metadata that is ours."""
RESOLVE, RESOLVE_VOLUME = "Resolve_OTIO", "Fairlight Clip Volume and Fades"
"""How DaVinci Resolve writes a clip's volume, in decibels: the only form that an editor reads."""
PREMIERE = "PremierePro_OTIO"
SILENT_DB, LOUDEST_DB = -100.0, 30.0
"""Resolve's bounds."""
VIDEO, AUDIO = "Video", "Audio"
PICTURE, SOUND, VOICE_OVER, MUSIC = "picture", "sound", "voice_over", "music"
"""What our tracks are for."""
TEXT, CAPTION = "text", "caption"
"""What our markers are."""
