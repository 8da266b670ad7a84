"""`python -m rehearsal`: see `rehearsal.cli`."""

import sys

from .cli import main

sys.exit(main(sys.argv[1:]))
