"""The command-line interface `ventanilla`, one module per group of commands, with output by Rich."""
