"""Findings judged one by one: everything of it that needs no terminal.

item.py says what is judged at once, queue.py puts it in order, card.py says what is shown of it and context.py which
lines; session.py judges and undoes; recovered.py has the values of a redacted report back; statistics.py counts.
"""
