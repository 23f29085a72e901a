"""The Graph surface: nodes and edges under `/vNN.N/` and without a version."""
