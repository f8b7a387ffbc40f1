"""A simulator that tries to break the ledger: seeded lives of a consortium, and a model of them."""

from xinlian.testing.simulator.simulation import (
    STEPS_DEFAULT,
    Report,
    Simulation,
    SimulationFailed,
    run_seed,
)

__all__ = ["STEPS_DEFAULT", "Report", "Simulation", "SimulationFailed", "run_seed"]
