"""One worker, and the training and fine-tuning jobs that it does one after another."""
