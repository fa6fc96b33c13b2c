"""What the studio raises when it cannot do what was asked."""


class StudioError(Exception):
    """Root of every error that the studio raises on purpose; the message is meant for the user."""


class RecipeError(StudioError):
    """A recipe does not describe a clip that can be rendered; the message lists every problem."""
