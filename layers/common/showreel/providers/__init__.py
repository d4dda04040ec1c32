"""The vendors of models, each behind the same typed port. Their texts stay here.

`base` has the port, `registry` the adapters. Imports neither: most functions need no port.
"""
