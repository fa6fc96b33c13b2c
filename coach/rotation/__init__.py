"""Femoral rotation: estimators, validity, uncertainty and the 40-45 degree reference band."""
