"""Whether a found secret still works: its provider is asked, as its rule declares. Nothing of it runs unless asked for.

Read in this order: known.py (which rules can ask), pairs.py (values that belong together), filling.py (a request out of
its template), client.py (sends it), asker.py (each secret once, not too fast), answers.py (what was said before).
"""
