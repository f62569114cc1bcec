"""The host of Jackfield: it runs plugins and has no product feature of its own."""

__version__ = "0.1.0"
