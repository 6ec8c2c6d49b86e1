"""A clinic's day as a sequence of actions: who arrives, which counters are open, and what happens between them.

Pure: the actions are carried out by the use cases of the desk (`demo.live`) or by its rules (`demo.history.desk`).
"""
