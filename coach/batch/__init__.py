"""Many videos: planned, shared out to processes or a cluster, resumed, and added up."""
