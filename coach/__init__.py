"""A hip-rotation form coach for one ordinary camera."""

__version__ = "0.1.0"
