"""What the user sees: widgets that draw what the session says, and compute nothing."""
