"""Proofs that the onboarded jobs read their secrets, value for value."""

import json
import secrets
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import yaml

from .inside_job import digest
from .jobs import Job
from .proof import Proof, Scene
from .tools import mint_token

EXAMPLE = Path(__file__).with_name("gitlab-docs-example.yml")
"""The job of GitLab's document "Use Azure Key Vault secrets in GitLab CI/CD", to the letter."""

EXAMPLE_SECRET = "test"  # noqa: S105 - the secret's name in GitLab's example

BRANCHES = {"acme/web": "release/2.4"}
"""The branches whose jobs are trusted, of the projects that trust another than main."""


def read_back(scene: Scene, claim: str, make_job: Callable[[], Job]) -> Proof:
    """Run the job and compare what its variables hold with what the administrator stored."""
    job = make_job()
    wanted = job.secrets()
    salt = secrets.token_hex(8)
    ended = job.run(sys.executable, "-m", "proofs.inside_job", salt, *wanted)
    expected = ", ".join(f"{name} ({form(entry)})" for name, entry in wanted.items())
    try:
        seen = json.loads(ended.output.strip().splitlines()[-1])
    except (ValueError, IndexError):
        return Proof(claim, expected, f"exit code {ended.code}: {ended.output.strip()}")
    equal = [
        f"{name} ({seen[name]['form']})"
        for name, entry in wanted.items()
        if seen[name]["digest"] == digest(salt, scene.stored[entry["azure_key_vault"]["name"]].value.encode())
    ]
    return Proof(claim, expected, ", ".join(equal) or "other values")


def form(entry: dict[str, object]) -> str:
    """Tell how a `secrets:` entry hands its value over: in a file unless it says otherwise."""
    return "file" if entry.get("file", True) else "value"


def documented_example(scene: Scene) -> Job:
    """Return GitLab's documented job, unchanged but for the version, which is the one that the vault gave."""
    ci = yaml.safe_load(EXAMPLE.read_text())
    job = Job.pasted(scene.projects["acme/shop"], mint_token("acme/shop", "main"))
    ci["job"]["secrets"]["DATABASE_PASSWORD"]["azure_key_vault"]["version"] = scene.stored[EXAMPLE_SECRET].version
    return Job("job", ci, job.variables)


def reading_proofs(scene: Scene) -> Iterator[Proof]:
    """Prove that each project's jobs read what they are onboarded for, two at a time: each is a process of its own."""
    claims: dict[str, Callable[[], Job]] = {}
    for path, project in scene.projects.items():
        branch = BRANCHES.get(path, "main")
        job = Job.pasted(project, mint_token(path, branch))
        claims[f"{path} on branch {branch} reads its secrets"] = lambda job=job: job
        claims[f"{path} reads them with `file: false`"] = job.without_files
    tagged = partial(mint_token, "acme/shop", "v1.0.0", "--ref-type", "tag")
    claims["acme/shop on tag v1.0.0 reads its secrets"] = lambda: Job.pasted(scene.projects["acme/shop"], tagged())
    claims["GitLab's documented job, at the version the vault gave"] = lambda: documented_example(scene)
    with ThreadPoolExecutor(2) as pool:
        yield from pool.map(partial(read_back, scene), claims, claims.values())
