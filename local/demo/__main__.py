"""`python -m local.demo`: see `make help`, options.py and story/options.py for what it can be
asked.
"""

import sys

from local.demo.stage import starting_stack


def main() -> int:
    """Entry point. Returns 0 for a finished film, 1 for none, 2 for bad use, 130 for Ctrl-C."""
    with starting_stack() as stack:
        from local.demo.command import run  # takes as long as the stack's first imports

        return run(stack)


if __name__ == "__main__":
    sys.exit(main())
