"""Everything a browser sees. Learning and reading live in mnist_core; these rooms show it."""
