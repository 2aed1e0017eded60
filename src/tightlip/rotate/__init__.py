"""Rotation: what to do in which order, and a new value put where the old one is kept. A value is never printed.

forms.py makes values; places.py has the files and vaults that one can be put into; providers.py says what each provider
lets be valid at once; runbook.py writes down the steps.
"""
