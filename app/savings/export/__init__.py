"""The measurement as files and as tables to be read: which there are, what each column means, how they are written."""
