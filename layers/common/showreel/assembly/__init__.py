"""From delivered videos to a film: sources → normalised pieces → transitions → film.

A piece is stored under the hash of what it was made from: whoever needs the same one, in this run
or in another product's, finds it. Products say what their film is made of.
"""
