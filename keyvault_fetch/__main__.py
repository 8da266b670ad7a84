"""`python -m keyvault_fetch`, and the console script `keyvault-fetch`."""

import logging
import os
import sys

from . import cli


def main() -> None:
    """Run the command line with the process's own arguments, environment and streams."""
    # Libraries warn of what the report says better; without a handler Python would print it to stderr.
    logging.getLogger().addHandler(logging.NullHandler())
    sys.exit(cli.main(sys.argv[1:], os.environ, sys.stdout, sys.stderr))


if __name__ == "__main__":
    main()
