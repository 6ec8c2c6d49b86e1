"""Files people attach: checked by content, scanned, kept under random names, served to who may see."""
