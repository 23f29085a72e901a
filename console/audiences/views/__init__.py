"""Pages of profiles, audiences, suppressions and imports."""
