"""Git's own hooks that call tightlip, put in and taken out again.

place.py says where hooks go and which, script.py what is in one, putting.py and taking.py what is to be done for that,
as steps (step.py) that whoever asked shows or carries out. What was there before is moved aside, run first, and put
back.
"""
