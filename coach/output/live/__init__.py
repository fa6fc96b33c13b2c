"""A session or measurement in front of a camera: window, voice, and what is kept of it."""
