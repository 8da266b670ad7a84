"""Find the Pulumi engine, or fetch it, and link its directory (`.venv/engine`) for the other scripts.

Tried in order: a suitable `pulumi` with its Python host on PATH; the one fetched earlier, in the per-user cache; the
official release; a build with Go from the official modules. Exit code 1 when none of the four is possible. What starts
dynamic providers (stacks that write to GitLab need it) is added to an engine of the cache that was built without it.
"""

import argparse
import fcntl
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from progress import Steps

OLDEST = (3, 259, 0)  # the oldest engine that the tests have run with
RELEASES = "https://get.pulumi.com/latest-version"
SITE_TIMEOUT_SECONDS = 3
HERE = Path(__file__).parent
DYNAMIC = "dist/pulumi-resource-pulumi-python"  # starts dynamic providers; below `python/` in the SDK's Go module


@dataclass(frozen=True)
class Engine:
    """A directory with `pulumi` in it, and the version that it reports."""

    directory: Path
    version: str


class Unavailable(Exception):
    """This way of getting the engine is closed; the text says why."""


def inspect(directory: Path, host_path: str) -> Engine:
    """Return the engine in the directory if it runs, is recent enough and finds its Python host on `host_path`."""
    command = directory / "pulumi"
    if not os.access(command, os.X_OK):
        raise Unavailable(f"there is no pulumi in {directory}")
    quiet = {**os.environ, "PULUMI_SKIP_UPDATE_CHECK": "true"}
    answer = subprocess.run([command, "version"], capture_output=True, text=True, env=quiet, check=False)
    version = re.match(r"v?(\d+)\.(\d+)\.(\d+)", answer.stdout)
    if answer.returncode or not version:
        raise Unavailable(f"{command} does not run")
    numbers = tuple(int(number) for number in version.groups())
    text = ".".join(version.groups())
    if numbers < OLDEST or numbers[0] != OLDEST[0]:
        raise Unavailable(f"{command} is {text}; 3.x from {'.'.join(map(str, OLDEST))} on is needed")
    if not shutil.which("pulumi-language-python", path=f"{directory}{os.pathsep}{host_path}"):
        raise Unavailable(f"{command} has no pulumi-language-python beside it or on PATH")
    return Engine(directory, text)


def on_path() -> Engine:
    """Return the engine that the person has installed."""
    found = shutil.which("pulumi")
    if not found:
        raise Unavailable("there is none")
    return inspect(Path(found).parent.resolve(), os.environ.get("PATH", ""))


def fetched_earlier(cache: Path) -> Engine:
    """Return the newest engine in the cache."""
    reasons = [f"nothing in {cache}"]
    for root in sorted(cache.glob("pulumi-*"), reverse=True):
        try:
            return inspect(root / "bin", "")
        except Unavailable as closed:
            reasons.append(str(closed))
    raise Unavailable(reasons[-1])


def official_release(cache: Path) -> Engine:
    """Download the official release with Pulumi's own installer."""
    try:
        with urllib.request.urlopen(RELEASES, timeout=SITE_TIMEOUT_SECONDS) as answer:
            answer.read()
    except OSError as error:
        raise Unavailable(f"{RELEASES} cannot be reached ({error})") from error
    from pulumi.automation import PulumiCommand  # heavy, and seldom needed

    def download(root: Path) -> None:
        with Steps("Downloading the official Pulumi release", 1):
            try:
                PulumiCommand.install(root=str(root))
            except Exception as error:  # the installer raises whatever its download or its shell met
                raise Unavailable(f"Pulumi's installer failed ({type(error).__name__})") from error

    return keep(cache, download)


def built_with_go(cache: Path) -> Engine:
    """Build the engine and its Python host from the official Go modules (`cli/go.mod` and `host/go.mod`)."""
    go = shutil.which("go")
    if not go:
        raise Unavailable("there is no go on PATH")
    version = ".".join(map(str, OLDEST))
    stamp = f"-X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version={version}"

    def build(root: Path) -> None:
        binaries = root / "bin"
        binaries.mkdir()
        compile_module(go, HERE / "host", "github.com/pulumi/pulumi/sdk/v3/python/cmd/pulumi-language-python", binaries)
        compile_module(go, HERE / "cli", "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi", binaries, stamp)
        copy_from_sdk(go, "cmd/pulumi-language-python-exec", binaries)
        copy_from_sdk(go, DYNAMIC, binaries)

    return keep(cache, build)


def copy_from_sdk(go: str, launcher: str, target: Path) -> None:
    """Copy a launcher (its path below `python/`) out of the official Go module of the SDK, whole or not at all."""
    find = [go, "mod", "download", "-json", "github.com/pulumi/pulumi/sdk/v3"]
    ended = subprocess.run(find, cwd=HERE / "cli", capture_output=True, text=True, check=False)
    if ended.returncode:
        raise Unavailable(f"go failed: {ended.stderr.strip() or ended.stdout.strip()}")
    fresh = target / f".{os.getpid()}-{Path(launcher).name}"
    shutil.copyfile(Path(json.loads(ended.stdout)["Dir"], "python", launcher), fresh)
    fresh.chmod(0o755)
    fresh.replace(target / Path(launcher).name)


def complete(engine: Engine, cache: Path) -> str:
    """Add what starts dynamic providers to an engine that was built without it; return why it is missing, if it is.

    The engine looks for it beside itself and on PATH. Only stacks that write to GitLab need it.
    """
    name = Path(DYNAMIC).name
    if shutil.which(name, path=f"{engine.directory}{os.pathsep}{os.environ.get('PATH', '')}"):
        return ""
    if not engine.directory.is_relative_to(cache):
        return f"{engine.directory} is not ours to add it to"
    go = shutil.which("go")
    if not go:
        return "there is no go on PATH to fetch it with"
    try:
        copy_from_sdk(go, DYNAMIC, engine.directory)
    except Unavailable as reason:
        return str(reason)
    return ""


def compile_module(go: str, module: Path, package: str, target: Path, stamp: str = "") -> None:
    """Compile one Go command, a step a package."""
    name = package.rpartition("/")[2]
    with Steps(f"Fetching the Go modules of {name}", 1):
        packages = run_go([go, "list", "-deps", package], module, lambda _line: None)
    with Steps(f"Building {name} with Go", len(packages)) as steps:
        # -v names each package as it is compiled, on standard error; those already in Go's cache are not named.
        build = [go, "build", "-v", "-trimpath", "-ldflags", f"-s -w {stamp}", "-o", str(target), package]
        run_go(build, module, lambda _line: steps.advance())


def run_go(command: list[str], module: Path, on_line: Callable[[str], None]) -> list[str]:
    """Run a Go command, passing its lines on as they come; return them."""
    lines: list[str] = []
    with subprocess.Popen(
        command, cwd=module, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, stdin=subprocess.DEVNULL
    ) as process:
        try:
            for line in process.stdout or ():
                lines.append(line.rstrip())
                on_line(line)
        except BaseException:  # an interruption reaches us alone when it is no Ctrl-C
            process.terminate()
            raise
    if process.returncode:
        raise Unavailable("go failed:\n      " + "\n      ".join(lines[-8:]))
    return lines


def keep(cache: Path, fill: Callable[[Path], None]) -> Engine:
    """Fill a directory beside its final place, check the engine in it, and move it there in one step."""
    with tempfile.TemporaryDirectory(prefix=".partial-", dir=cache) as partial:
        root = Path(partial, "engine")
        root.mkdir()
        fill(root)
        engine = inspect(root / "bin", "")
        final = cache / f"pulumi-{engine.version}"
        shutil.rmtree(final, ignore_errors=True)
        root.rename(final)
    return Engine(final / "bin", engine.version)


@contextmanager
def sole_user(cache: Path) -> Generator[None]:
    """Let one set-up at a time work in the cache, and clear what a killed one left there."""
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for partial in cache.glob(".partial-*"):
            shutil.rmtree(partial, ignore_errors=True)
        yield


def ensure(cache: Path) -> Engine:
    """Return the engine from the first source that has one; raise Unavailable, naming all four, when none has."""
    sources: dict[str, Callable[[], Engine]] = {
        "a pulumi on PATH": on_path,
        "the one fetched earlier": lambda: fetched_earlier(cache),
        "the official release": lambda: official_release(cache),
        "a build with Go": lambda: built_with_go(cache),
    }
    closed: list[str] = []
    for name, source in sources.items():
        try:
            return source()
        except Unavailable as reason:
            closed.append(f"  - {name}: {reason}")
    raise Unavailable(
        "the Pulumi engine could not be had in any of the four ways:\n"
        + "\n".join(closed)
        + "\nInstall Pulumi (https://www.pulumi.com/docs/iac/download-install/) or Go 1.25; run scripts/setup again."
    )


def link(engine: Engine, place: Path) -> bool:
    """Point the link at the engine's directory; tell whether it pointed elsewhere."""
    if place.is_symlink() and place.readlink() == engine.directory:
        return False
    fresh = place.with_name(f".{place.name}-{os.getpid()}")
    fresh.symlink_to(engine.directory)
    fresh.replace(place)
    return True


def stop(signal_number: int, _frame: FrameType | None) -> None:
    """End by an exception, so that what was half built is removed on the way out."""
    sys.exit(128 + signal_number)


def main() -> int:
    """Find or fetch the engine and link it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quiet", action="store_true", help="say nothing when nothing had to be done")
    parser.add_argument("--link", type=Path, default=Path(sys.prefix, "engine"), help="default: %(default)s")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, stop)
    user_cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    cache = user_cache / "gitlab-keyvault"
    try:
        with sole_user(cache):
            engine = ensure(cache)
            missing = complete(engine, cache)
            changed = link(engine, options.link)
    except Unavailable as error:
        print(f"scripts/setup: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("scripts/setup: interrupted; nothing half installed was left.", file=sys.stderr)
        return 130
    if missing and (changed or not options.quiet):
        print(
            f"scripts/setup: {Path(DYNAMIC).name} is missing ({missing}). Stacks with an `environment_scope` need it:\n"
            "install Pulumi (https://www.pulumi.com/docs/iac/download-install/), which brings it.",
            file=sys.stderr,
        )
    if changed or not options.quiet:
        print(f"Pulumi engine {engine.version} ({engine.directory})")
    return 0


if __name__ == "__main__":
    sys.exit(main())
