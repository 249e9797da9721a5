"""The parts of the simulator; `data/simulate.py` puts them together."""
