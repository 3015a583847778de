"""The one exception a user's mistake raises: its text is the sentence the user reads."""


class SpecError(ValueError):
    """Bad input, told in one sentence: what was given, what is allowed, what to do."""
