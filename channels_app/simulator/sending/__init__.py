"""`POST /{phone}/messages`: checks in Meta's order, limits, acceptance."""
