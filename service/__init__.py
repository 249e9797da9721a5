"""How a classifier is served: HTTP in, domain in the middle, HTTP out.

Nothing is fitted here and nothing of training is imported; they meet in a bundle on disk.
"""
