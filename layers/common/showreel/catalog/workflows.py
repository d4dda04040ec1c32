"""What results of a workflow may be, besides what the model's media type says."""

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
"""Workflows whose result may be words alone."""
