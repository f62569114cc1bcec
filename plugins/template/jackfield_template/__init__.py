"""The smallest good plugin: copy the folder, then rename it."""
