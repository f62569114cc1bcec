"""The web process: puts capture, API and UI behind one port."""
