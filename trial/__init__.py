"""The analyses of Oh et al. 2018 redone on any cohort, and the report of them.

One module per page has its numbers; `pages/` lays them out. Numbers come from `analysis`,
charts from `charts`; nothing is computed twice.
"""
