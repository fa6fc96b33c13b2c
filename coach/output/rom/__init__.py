"""What a range-of-motion test leaves behind: table, JSON, report, and their words."""
