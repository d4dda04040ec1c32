"""Stands in for an interpreter that is a fork of another process (`forked`): lends it its standard
streams and ends with it.

Run as `python -I -S stand_in.py <address> -u -c <code>`.
"""

import socket
import sys

address, *_, code = sys.argv[1:]
with socket.socket(socket.AF_UNIX) as connection:
    connection.connect(address)
    socket.send_fds(connection, [code.encode()], [0, 1, 2])
    connection.recv(1)
