"""Birds that were seen, by a stranger who knows the SDK alone."""
