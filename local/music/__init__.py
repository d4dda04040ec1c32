"""The recipe of the built-in music. Run `python -m local.music.compose`; not used at run time."""
