"""`python -m tightlip`."""

import sys

from tightlip.cli import main

if __name__ == "__main__":
    sys.exit(main())
