"""Synthetic people doing hip-rotation exercises, with the truth about every joint angle.

The studio renders clips of parametric people and writes beside each clip what the joints really did.
Nothing is imported here: the kinematics need numpy only, the body model and the renderer need the
`studio` dependency group.
"""
