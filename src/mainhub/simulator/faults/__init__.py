"""Faults on purpose: stopping, slowing and breaking the tenant and the orders service.

For: seeing, and testing, what the hub shows when what stands behind it fails.

Not for: faults of the hub itself, or of anything that is not simulated.
"""

from mainhub.simulator.faults.breaking import Faulty
from mainhub.simulator.faults.desk import FaultDesk
from mainhub.simulator.faults.fault import Fault, Mode, Target
from mainhub.simulator.faults.server import FaultyServer
from mainhub.simulator.faults.standing import Faults

__all__ = ["Fault", "FaultDesk", "Faults", "Faulty", "FaultyServer", "Mode", "Target"]
