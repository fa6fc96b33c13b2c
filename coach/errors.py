"""Every way a user can be told no: one class per exit code, each message a plain sentence or two.

A message says what was expected, what was got and what to do about it.  Third-party errors are translated
into these at the edge where they happen; `cli` prints the message and exits with `exit_code`.
"""


class CoachError(Exception):
    """Root of all errors that `coach` raises on purpose."""

    exit_code = 1


class UsageError(CoachError):
    """The command line, or an exercise spec, asks for something that does not exist or makes no sense."""

    exit_code = 2


class InputError(CoachError):
    """A file cannot be read, is damaged, or is not what it should be; or a result cannot be written."""

    exit_code = 3


class NotMeasurableError(CoachError):
    """Nobody was found, or the view does not carry the measurement."""

    exit_code = 4


class ModelError(CoachError):
    """The pose model is missing, cannot be fetched or fails its checksum."""

    exit_code = 5


class CameraError(CoachError):
    """The camera is missing, busy, forbidden or was lost."""

    exit_code = 6
