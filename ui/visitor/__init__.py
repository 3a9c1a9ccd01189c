"""What one visitor owns: session, drawings, runs."""
