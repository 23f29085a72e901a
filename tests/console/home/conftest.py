"""Makes the simulator's fixtures known to these tests."""

from tests.support.simulator import graph, simulator

__all__ = ["graph", "simulator"]
