"""Untrusted files are read in child processes with limits of memory, processor time and wall time.

A decoder or a parser that a hostile file leads astray costs that one child and nothing else. `client.run` sends a file
to the fork server of this process (`server`), which forks a child that has the libraries loaded already; it runs one
function there and is ended when that is over, or when a limit is reached.
"""
