"""The training step on a tape, the loop around it, and what it needs: data, rates, fine-tuning."""
