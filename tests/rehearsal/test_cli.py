import os
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jwt
import pytest

from rehearsal import state
from rehearsal.entra.federation import match
from rehearsal.server import running

PROJECT = Path(__file__).parents[2]


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path / "state"


def rehearsal(*arguments: str | Path, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("REHEARSAL_")}
    return subprocess.run(
        [sys.executable, "-m", "rehearsal", *map(str, arguments)],
        cwd=PROJECT,
        env={**environment, **variables},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


def python(program: str) -> tuple[str, ...]:
    return ("--", sys.executable, "-c", program)


def minted(*arguments: str | Path) -> dict[str, Any]:
    printed = rehearsal("token", "--project-path", "acme/shop", *arguments)
    assert printed.returncode == 0, printed.stderr
    return jwt.decode(printed.stdout.strip(), options={"verify_signature": False})


def test_a_token_is_that_of_the_environment_and_the_merge_request_asked_for(directory: Path):
    deploys = ("--environment", "production", "--environment-protected", "true", "--tier", "staging")
    token = minted("--state", directory, "--ref", "main", *deploys, "--merge-request", "--ref-protected", "false")
    asked = {
        "environment": "production",
        "environment_protected": "true",
        "deployment_tier": "staging",
        "pipeline_source": "merge_request_event",
        "ref_protected": "false",
    }
    assert token.items() >= asked.items()
    printed = rehearsal("token", "--project-path", "a/b", "--ref", "main", "--ref-protected", "yes")
    assert "'yes' is neither true nor false" in printed.stderr


def test_run_passes_on_the_exit_code_the_output_and_the_environment(directory: Path):
    program = "import os, sys; print(os.environ['AZURE_CLIENT_ID'] == os.environ['ARM_CLIENT_ID']); sys.exit(7)"
    done = rehearsal("run", "--state", directory, *python(program))
    assert (done.returncode, done.stdout) == (7, "True\n")


def test_run_points_azures_tools_at_the_played_cloud_whatever_cloud_the_person_uses(directory: Path):
    program = "import os; print(os.environ['AZURE_AUTHORITY_HOST'])"
    done = rehearsal(
        "run", "--state", directory, *python(program), AZURE_AUTHORITY_HOST="https://login.chinacloudapi.cn"
    )
    assert done.stdout == "https://login.microsoftonline.com\n"


def test_run_points_gitlabs_tools_at_the_played_gitlab_whatever_gitlab_the_person_uses(directory: Path):
    names = ("GITLAB_BASE_URL", "GITLAB_HOST", "GITLAB_CONFIG_FILE", "GITLAB_CONTEXT", "GITLAB_TOKEN")
    program = f"import os; print([os.environ[name] for name in {names}])"
    done = rehearsal("run", "--state", directory, *python(program), **dict.fromkeys(names, "glpat-of-a-person"))
    assert "https://gitlab.com/api/v4/" in done.stdout
    assert "glpat-of-a-person" not in done.stdout


def test_run_gives_128_and_the_signal_that_ended_the_command(directory: Path):
    done = rehearsal("run", "--state", directory, *python("import os; os.kill(os.getpid(), 9)"))
    assert done.returncode == 128 + 9


@pytest.mark.parametrize(
    ("send", "number"), [(os.kill, signal.SIGTERM), (os.kill, signal.SIGHUP), (os.killpg, signal.SIGINT)]
)
def test_a_signal_ends_the_command_first_and_then_the_rehearsal(
    directory: Path, send: Callable[[int, int], None], number: signal.Signals
):
    program = f"""
import signal, sys
signal.signal({number}, lambda *_: sys.exit(5))
print("up", flush=True)
signal.pause()
"""
    command = [sys.executable, "-m", "rehearsal", "run", "--state", str(directory), *python(program)]
    inside = subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True, start_new_session=True)
    assert inside.stdout is not None
    with inside.stdout as printed:
        assert printed.readline() == "up\n"
        send(inside.pid, number)
    assert inside.wait(timeout=10) == 5
    assert not state.environment_file(directory).exists()


def test_run_says_which_command_is_not_found(directory: Path):
    done = rehearsal("run", "--state", directory, "--", "no-such-command")
    assert done.returncode == 127
    assert done.stderr == "no-such-command cannot be run: No such file or directory.\n"


def test_run_lists_the_calls_that_were_not_played(directory: Path):
    program = "import requests; requests.get('https://gitlab.com/api/v4/version')"
    done = rehearsal("run", "--state", directory, *python(program))
    assert "does not play: GET https://gitlab.com/api/v4/version (1x)" in done.stderr


def test_run_wants_a_command_after_two_dashes(directory: Path):
    done = rehearsal("run", "--state", directory)
    assert done.returncode == 2
    assert "give the command to run after --" in done.stderr


def test_a_second_rehearsal_on_the_same_state_is_refused_with_how_to_join(directory: Path):
    with running(directory):
        done = rehearsal("run", "--state", directory, *python(""))
    assert done.returncode == 125
    assert f"A rehearsal already runs on {directory}." in done.stderr
    assert f". {directory}/environment.sh" in done.stderr


def test_a_second_start_finds_the_same_identity_and_fresh_makes_a_new_one(directory: Path):
    def tenant(*, fresh: bool = False) -> str:
        with running(directory, fresh=fresh) as started:
            return started.environment["AZURE_TENANT_ID"]

    first = tenant()
    assert tenant() == first
    assert tenant(fresh=True) != first


def test_a_client_that_knew_the_authority_still_trusts_it_after_a_restart(directory: Path):
    def bundle() -> str:
        with running(directory) as started:
            return Path(started.environment["SSL_CERT_FILE"]).read_text()

    assert bundle() == bundle()


def test_a_directory_with_other_files_is_refused_and_left_alone(directory: Path):
    directory.mkdir()
    precious = directory / "thesis.tex"
    precious.touch()
    done = rehearsal("run", "--fresh", "--state", directory, *python(""))
    assert done.returncode == 125
    assert "holds files that are not a rehearsal's" in done.stderr
    assert [entry.name for entry in directory.iterdir()] == [precious.name]


def test_the_state_directory_is_private(directory: Path):
    with running(directory) as started:
        files = [directory / "environment.sh", Path(started.environment["SSL_CERT_FILE"])]
        assert directory.stat().st_mode & 0o077 == 0
        assert all(file.stat().st_mode & 0o077 == 0 for file in files)


def test_the_official_plugins_leave_pulumis_home_to_the_person(directory: Path):
    with running(directory, plugins="official") as started:
        assert "PULUMI_HOME" not in started.environment


def a_pulumi(directory: Path, script: str) -> dict[str, str]:
    """Put a `pulumi` of this script first on PATH."""
    directory.mkdir()
    (directory / "pulumi").write_text(f"#!/bin/sh\n{script}\n")
    (directory / "pulumi").chmod(0o755)
    return {"PATH": f"{directory}{os.pathsep}{os.environ['PATH']}"}


def test_the_official_plugins_are_installed_by_pulumi_before_the_network_is_closed(tmp_path: Path, directory: Path):
    log = tmp_path / "log"
    variables = a_pulumi(tmp_path / "bin", f'echo "$@ $HTTPS_PROXY" >> {log}')
    done = rehearsal(
        "run", "--plugins", "official", "--state", directory, *python("print('ran')"), **variables, HTTPS_PROXY="of-old"
    )
    assert (done.returncode, done.stdout) == (0, "ran\n")
    installed = (r"azure-native 3\.", r"azuread 6\.", r"gitlab 10\.")
    asked = "".join(rf"plugin install resource {plugin}[\d.]+ of-old\n" for plugin in installed)
    assert re.fullmatch(asked, log.read_text())


def test_an_official_plugin_that_cannot_be_installed_is_told_in_pulumis_words(tmp_path: Path, directory: Path):
    variables = a_pulumi(tmp_path / "bin", "echo 'error: failed all 5 attempts' >&2; exit 255")
    done = rehearsal("run", "--plugins", "official", "--state", directory, *python("print('ran')"), **variables)
    assert (done.returncode, done.stdout) == (125, "")
    assert "error: failed all 5 attempts" in done.stderr
    assert "Leave --plugins out" in done.stderr


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_serve_prints_the_environment_and_stops_on_a_signal(directory: Path, number: signal.Signals):
    serving = subprocess.Popen(
        [sys.executable, "-m", "rehearsal", "serve", "--state", str(directory)],
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert serving.stdout is not None
    assert serving.stderr is not None
    with serving.stdout as printed, serving.stderr as told:
        assert "environment.sh" in told.readline()
        exported = state.environment_file(directory).read_text()
        joined = subprocess.run(
            ["sh", "-c", f". {shlex.quote(str(directory))}/environment.sh && printenv REHEARSAL_STATE"],
            capture_output=True,
            text=True,
            check=True,
        )
        assert joined.stdout == f"{directory}\n"
        serving.send_signal(number)
        assert printed.read() == exported
    assert serving.wait(timeout=10) == 0
    assert not state.environment_file(directory).exists()


def test_token_prints_a_token_that_the_federated_credential_matches(directory: Path):
    claims = minted("--ref", "main", "--state", directory)
    subject = "project_path:acme/shop:ref_type:branch:ref:main"
    credential = {"issuer": "https://gitlab.com", "subject": subject, "audiences": ["https://gitlab.com"]}
    assert match([credential], claims) is credential


def test_token_takes_claims_as_json_where_they_are_json(directory: Path):
    claims = minted(
        *("--ref", "v1", "--ref-type", "tag", "--aud", "https://vault", "--lifetime", "-60", "--state", directory),
        *("--claim", 'aud=["a", "b"]', "--claim", "environment=prod", "--claim", "runner_id=7"),
        *("--claim", "extra=a=b"),
    )
    assert claims["aud"] == ["a", "b"]
    assert (claims["environment"], claims["runner_id"], claims["extra"]) == ("prod", 7, "a=b")
    assert claims["ref_path"] == "refs/tags/v1"


def test_token_works_inside_run(directory: Path):
    inside = (sys.executable, "-m", "rehearsal", "token", "--project-path", "acme/shop", "--ref", "main")
    done = rehearsal("run", "--state", directory, "--", *inside)
    assert done.returncode == 0
    assert jwt.decode(done.stdout.strip(), options={"verify_signature": False})["project_path"] == "acme/shop"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--project-path", "shop", "--ref", "main"), "'shop' is not a project's full path"),
        (("--project-path", "a/b", "--ref", "main", "--claim", "x"), "'x' is not NAME=VALUE"),
        (("--project-path", "a/b", "--ref", "main", "--", "x"), "token takes no command"),
    ],
)
def test_token_says_what_is_wrong_with_its_arguments(directory: Path, arguments: tuple[str, ...], told: str):
    done = rehearsal("token", "--state", directory, *arguments)
    assert done.returncode == 2
    assert told in done.stderr


def test_token_signs_claims_of_any_type(directory: Path):
    assert minted("--ref", "main", "--state", directory, "--claim", "iss=5")["iss"] == 5


def test_a_state_that_cannot_be_used_is_told_in_a_sentence(tmp_path: Path, directory: Path):
    directory.mkdir()
    (directory / "rehearsal.lock").touch()
    (directory / "cloud.sqlite").write_text("not a database")
    (tmp_path / "file").touch()
    for place, told in (
        (directory, "Start anew with"),
        (tmp_path / "file" / "below", "cannot be used: Not a directory."),
    ):
        done = rehearsal("token", "--project-path", "a/b", "--ref", "main", "--state", place)
        assert done.returncode == 125
        assert told in done.stderr
        assert "Traceback" not in done.stderr
