"""How well the service does: outcomes against predictions, drift of what is sent, volumes.

Aggregates only, and of few patients nothing: see `hiding`.
"""
