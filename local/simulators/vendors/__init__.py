"""One vendor a file, with its tables and fields in files of the same first name.

How to add one is in `local/simulators/README.md`.
"""
