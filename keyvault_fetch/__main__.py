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
        code = cli.main(sys.argv[1:], os.environ, sys.stdout, sys.stderr)
        sys.stdout.flush()
    except KeyboardInterrupt:
        code = 128 + signal.SIGINT
    except OSError as error:  # no room for what is written, or nobody who reads it on
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # else Python tries to write it again at its end
        code = 1
        if isinstance(error, BrokenPipeError):
            code = 128 + signal.SIGPIPE
        else:
            print(f"keyvault-fetch: {error}", file=sys.stderr)
    sys.exit(code)


if __name__ == "__main__":
    main()
