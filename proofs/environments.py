"""Proofs about one project with a vault for each environment: its jobs find theirs by GitLab's variables alone."""

import os
from collections.abc import Iterator
from urllib.parse import quote

import requests

from .jobs import Job
from .proof import Proof, Scene
from .reading import read_back
from .refusals import refusal
from .tools import mint_token

STAGING, PRODUCTION = "rehearsal-staging", "rehearsal-production"
PORTAL = "acme/portal"
PORTAL_SECRET = "portal-key"  # noqa: S105 - its name
GITLAB = "https://gitlab.com/api/v4"


def variables(environment: str) -> dict[str, str]:
    """Return the CI/CD variables that GitLab gives the project's jobs in an environment."""
    answer = requests.get(
        f"{GITLAB}/projects/{quote(PORTAL, safe='')}/variables",
        headers={"PRIVATE-TOKEN": os.environ["GITLAB_TOKEN"]},
        timeout=30,
    )
    answer.raise_for_status()
    return {one["key"]: one["value"] for one in answer.json() if one["environment_scope"] == environment}


def job(scene: Scene, environment: str, *options: str) -> Job:
    """Return the job that the stack tells the project to paste, in an environment, with GitLab's variables."""
    token = mint_token(PORTAL, "main", "--environment", environment, *options)
    return Job.pasted(scene.projects[PORTAL], token, variables(environment))


def environment_proofs(staging: Scene, production: Scene) -> Iterator[Proof]:
    """Prove that each environment's jobs read their own vault, and no job another environment's."""
    of_staging, of_production = variables("staging"), variables("production")
    held = f"{len(of_staging)} for staging, {len(of_production)} for production"
    yield Proof("GitLab holds the variables of each environment", "3 for staging, 3 for production", held)
    in_staging = job(staging, "staging")
    in_production = job(production, "production", "--environment-protected", "true")
    unprotected = job(production, "production", "--environment-protected", "false")
    yield read_back(staging, f"{PORTAL} in staging reads staging's value", lambda: in_staging)
    yield read_back(production, f"{PORTAL} in production reads production's", lambda: in_production)
    yield refusal(("… but not where production is not protected", "AADSTS700213", lambda: unprotected))
    strayed = in_staging.with_variables(of_production)
    yield refusal(("… and staging's job not with production's variables", "AADSTS700213", lambda: strayed))
