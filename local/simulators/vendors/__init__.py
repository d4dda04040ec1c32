"""One vendor a file, with its tables and fields in files of the same first name.

A new vendor is a class that fulfils `base.Vendor` and a line in `app.SimulatorApp`. It tells its
`Voice` to the lifecycle, translates its requests into a `Task` and a `RenderOrder`, and has no
threads, clocks or files of its own.
"""
