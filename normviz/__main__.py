"""``python -m normviz``: one thread for all arithmetic, as in the worker processes, before NumPy is loaded."""

import os
import sys

if __name__ == "__main__":
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    from normviz.cli import main

    sys.exit(main())
