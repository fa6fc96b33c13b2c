"""What a body is: landmarks, poses, filters and joint angles.  NumPy only, no I/O."""
