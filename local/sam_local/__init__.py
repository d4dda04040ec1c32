"""`make sam-local` and `make sam-api`: what was built, in SAM's containers, against a local stack.

The files in `events/` have placeholders, `${name}`. An API event's are filled from a seeded stack.
A step of a state machine is not made up: the stack plays a scene that leads to it (a film, a
speech, a stopped run), the first invocation whose event is that of the file goes to the container,
and the execution goes on with the container's answer.
"""
