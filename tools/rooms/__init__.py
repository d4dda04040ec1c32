"""The photo studio: a small renderer that makes the demo's sample rooms. Not used at run time."""
