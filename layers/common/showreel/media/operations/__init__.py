"""Operations on media of any origin: trim, join, scale, overlay, mix and the like.

    models      what can be done, with its parameters, what it takes and what it gives
    shapes      sizes and boxes, to the pixel
    sources     opening files that strangers made, each as what its first bytes say it is
    encoding    a video by way of the film's pieces: picture, sound, then both in one file
    sounds      sounds alone, to the sample
    pictures    still pictures in and out
    timing      trim and speed
    reversing   backwards, within a bounded memory
    shaping     resize and crop
    overlaying  one over another
    joining     one after another
    mixing      a sound under another, as a film's music
    extracting  a frame, the sound, a GIF
    perform     any of them

Files in, files out, as all media code. Videos come out as the film's are: H.264 and AAC, constant
rate, index in front.
"""
