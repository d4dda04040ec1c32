"""What makes or checks committed files and artefacts; never part of one."""
