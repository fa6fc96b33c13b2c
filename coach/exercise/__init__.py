"""Exercises as data (`spec`), the machine that runs them, and what a session adds up to."""
