"""What every other package uses: errors, settings, AWS clients, time, ids. Imports none of them."""

import logging

logging.getLogger("httpx").setLevel(logging.WARNING)
"""At INFO, Lambda's default with JSON logs, it writes whole URLs, and some of ours are signed."""
