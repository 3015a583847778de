"""One small module a command; each has ``run(arguments) -> int`` and is imported only when it is called."""
