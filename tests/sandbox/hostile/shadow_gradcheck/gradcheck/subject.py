"""Records that forget."""
