"""The engine of a live session: poses in, what to show and say out.  No camera, no window, no sound."""
