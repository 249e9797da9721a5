"""Simulated trials put through the report's tests; `operating_characteristics.py` asks for them."""
