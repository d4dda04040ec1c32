"""Film making with FFmpeg: every clip is brought to one profile when it arrives, films are copied.

    profile     the one format of a film, as encoder arguments
    runner      the only place that starts FFmpeg
    boxes       bounded reading of MP4 structure, no decoding
    probe       what a file is; the gate for files that others delivered
    stills      a picture as planes of the film's shape
    moves       the camera move a prompt asks for
    camera      what the camera sees at each moment
    motion      camera moves and morphs, rendered
    lettering   the font: which characters it has, and texts in lines
    cues        parts of texts in frames
    captions    cues in the picture, while it is encoded
    normalise   any clip to the profile, its sound to a file of exactly its length
    transition  transitions: crossfades and trimmed AI transitions
    plan        which frames follow which, exactly
    wav, bed    plain sound files, and sounds laid onto one at exact samples
    sound       the film's mix: music under the clips, at one loudness
    title       the title card
    compile     copying it all together, then checking what came out
    poster      poster, frames and contact sheet
    operations  trim, join, overlay and more, on media of any origin

Files in, files out: moving them to and from storage is the caller's work.
"""
