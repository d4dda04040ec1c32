"""`python -m showreel.edge.streaming app.handler`, as `/opt/bin/stream` starts it."""

import sys

from showreel.edge.streaming.loop import run

if __name__ == "__main__":
    run(sys.argv[1])
