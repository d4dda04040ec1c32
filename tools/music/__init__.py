"""The recipe of the built-in music. Run `python -m tools.music.compose`; not used at run time."""
