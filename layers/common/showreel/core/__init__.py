"""What every slice stands on: errors, settings, AWS clients, HTTP. Imports nothing above itself."""

import logging

logging.getLogger("httpx").setLevel(logging.WARNING)
"""At INFO, Lambda's default with JSON logs, it writes whole URLs, and some of ours are signed."""
