"""The jobs, one module each: a recorded video, a range of motion (recorded or live), a live session."""
