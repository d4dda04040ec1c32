"""Workflows whose results may be of another kind than the model's media type."""

OF_ANY_KIND = frozenset({"video-to-image", "video-to-audio", "voice-clone", "element-creation"})
"""Workflows whose files may be of another kind than the model's."""
OF_WORDS = frozenset(
    {
        "analysis",
        "image-analysis",
        "speech-to-text",
        "voice-clone",
        "voice-design",
        "element-creation",
    }
)
"""Workflows whose result may be text alone."""
