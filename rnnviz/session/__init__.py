"""The window's state without a window: QtCore only, no torch."""
