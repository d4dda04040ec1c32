"""Assembles films from delivered videos: sources → normalised pieces → transitions → film.

A piece is stored under the hash of what it was made from, so every run of every product that needs
the same one finds it. Products describe their film as a `FilmSpec`.
"""
