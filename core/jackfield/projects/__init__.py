"""Projects, their members, tokens and keys, and who may do what."""
