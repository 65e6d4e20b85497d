"""How fast it is: ``python -m tests.bench`` prints a table and writes ``bench.json``.

One file a measurement. Everything that is compared is measured in turns within one run, and stays on this machine.
"""
