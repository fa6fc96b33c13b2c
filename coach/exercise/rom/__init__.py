"""The range-of-motion protocols: neutral pose, trials, plateaus, verdicts; `session` is where to start."""
