"""Strokes, photos and image files, brought to the MNIST format: (28, 28), the digit centred, ink 1."""
