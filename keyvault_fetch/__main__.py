"""`python -m keyvault_fetch`, and the console script `keyvault-fetch`."""

import io
import logging
import os
import signal
import sys

from . import cli


def main() -> None:
    """Run the command line with the process's own arguments, environment and streams."""
    # Libraries warn of what the report says better; without a handler Python would print it to stderr.
    logging.getLogger().addHandler(logging.NullHandler())
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        sys.exit(cli.main(sys.argv[1:], os.environ, sys.stdout, sys.stderr))
    except KeyboardInterrupt:
        sys.exit(128 + signal.SIGINT)


if __name__ == "__main__":
    main()
