"""The charts of a classifier, from the plain numbers of its evaluation; nothing is computed."""
