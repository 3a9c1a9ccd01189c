"""The network of three layers, and its weights in and out of files."""
