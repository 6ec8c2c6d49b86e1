"""Files of rows as agencies send them: read whatever the encoding, every bad row written out with its reason."""
