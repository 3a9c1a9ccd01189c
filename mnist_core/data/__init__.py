"""MNIST and pen digits, bundled, and the images that are made of them."""
