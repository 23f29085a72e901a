"""Makes the simulator's fixtures known to the rooms' tests."""

from tests.support.hook_server import hook_url
from tests.support.simulator import graph, simulator

__all__ = ["graph", "hook_url", "simulator"]
