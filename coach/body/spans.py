"""Spans between frame times, compared so that the wavering of a clock decides nothing.

At a regular frame rate spans are whole numbers of frames, and many limits are too: compared exactly, the
last digit of a time would decide whether a limit is reached with this frame or with the next one.
"""

CLOCK_S = 0.01
"""Spans are known to this: files round times to milliseconds, cameras waver by several.

At all usual frame rates a limit of whole tenths of a second, less or plus this, is hit by no frame.
"""


def lasts(span_s: float, limit_s: float) -> bool:
    """Whether a span is as long as a limit, or as good as; not if either is NaN."""
    return span_s >= limit_s - CLOCK_S


def outlasts(span_s: float, limit_s: float) -> bool:
    """Whether a span is clearly longer than a limit; not if either is NaN."""
    return span_s > limit_s + CLOCK_S
