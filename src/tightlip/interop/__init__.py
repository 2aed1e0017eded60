"""Other scanners' files in and out: their rules become tightlip's, what they know of findings is carried over.

A reader of one format makes the nouns of foreign.py; translate.py and rule_file.py make rule files of them. What cannot
be carried over is told, each with its reason. Nothing that such a file names is ever run.
"""
