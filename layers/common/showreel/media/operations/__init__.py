"""Operations on media of any origin: trim, join, scale, overlay, mix and the like.

    models     what can be done, with its parameters, what it takes and what it gives
    sources    opening files that strangers made, each as what its first bytes say it is

Files in, files out, as all media code. Videos come out as the film's are: H.264 and AAC, constant
rate, index in front.
"""
