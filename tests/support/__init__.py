"""What tests and benchmarks share: visitors, pages, waiting."""
