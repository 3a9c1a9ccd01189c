"""Files that are uploaded or downloaded."""
