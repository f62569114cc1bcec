"""The example: a guestbook that uses every hook once. Read `plugin.py` first; the README walks through it."""
