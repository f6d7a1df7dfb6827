"""Worlds made by chance, honest and not, in the tables of an extract, with the truth kept in a folder of its own.

Only the command line imports this room: what looks for fraud may not know how the fraud was made.
"""
