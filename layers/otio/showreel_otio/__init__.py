"""Timelines as OpenTimelineIO files, which editors such as Resolve and Premiere read and write.

The only code that imports `opentimelineio`; it is a layer of the one function that needs it.
"""
