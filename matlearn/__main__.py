"""``python -m matlearn``."""

import sys

from matlearn.cli import main

if __name__ == "__main__":
    sys.exit(main())
