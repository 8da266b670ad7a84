"""A GitLab job that reads secrets: its CI file and its variables, run through the fetch module."""

import json
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import yaml

from .tools import Run, job_environment, run

ID_TOKEN = "AZURE_JWT"  # noqa: S105 - the variable's name


@dataclass(frozen=True)
class Job:
    """A job of a GitLab project: `ci` is its CI file as parsed YAML, `variables` what GitLab gives it."""

    name: str
    ci: dict[str, Any]
    variables: Mapping[str, str] = field(repr=False)

    @classmethod
    def pasted(cls, project: Mapping[str, Any], token: str, given: Mapping[str, str] | None = None) -> "Job":
        """Return the job that a stack's output tells a project to paste, holding this ID token.

        `given` are the CI/CD variables that the project has in GitLab, beside those that the job sets itself.
        """
        ci: dict[str, Any] = yaml.safe_load(project["gitlab_ci"])
        name = next(iter(ci))
        return cls(name, ci, {**(given or {}), **ci[name].get("variables", {}), ID_TOKEN: token})

    def with_variables(self, given: Mapping[str, str]) -> "Job":
        """Return the same job, of the same token, with these variables beside."""
        return replace(self, variables={**self.variables, **given})

    def secrets(self) -> dict[str, dict[str, Any]]:
        """Return the job's `secrets:`, by CI/CD variable."""
        return self.ci[self.name]["secrets"]

    def reading(self, variable: str, name: str, version: str = "", *, file: bool = True) -> "Job":
        """Return the same job with this one secret in place of its own."""
        vault = {"name": name, "version": version} if version else {"name": name}
        entry = {"token": f"${ID_TOKEN}", "file": file, "azure_key_vault": vault}
        body = {**self.ci[self.name], "secrets": {variable: entry}}
        return replace(self, ci={self.name: body})

    def without_files(self) -> "Job":
        """Return the same job with every secret as `file: false`."""
        secrets = {variable: {**entry, "file": False} for variable, entry in self.secrets().items()}
        return replace(self, ci={self.name: {**self.ci[self.name], "secrets": secrets}})

    def at_vault(self, url: str) -> "Job":
        """Return the same job pointed at another vault."""
        return replace(self, variables={**self.variables, "AZURE_KEY_VAULT_SERVER_URL": url})

    def check(self) -> dict[str, Any]:
        """Return the fetch module's verdict on the job (`check --json`)."""
        ended = self._fetch("check", "--json")
        try:
            return json.loads(ended.output)
        except ValueError:
            return {"ok": False, "exit_code": ended.code, "secrets": [], "output": ended.output.strip()}

    def run(self, *script: str) -> Run:
        """Run a script as the job's, with its secrets in place."""
        return self._fetch("run", command=("--", *script))

    def _fetch(self, verb: str, *options: str, command: tuple[str, ...] = ()) -> Run:
        with tempfile.TemporaryDirectory() as directory:
            ci_file = Path(directory, ".gitlab-ci.yml")
            ci_file.write_text(yaml.safe_dump(self.ci, sort_keys=False))
            fetch = (sys.executable, "-m", "keyvault_fetch", verb, "--job", self.name, "--file", str(ci_file), *options)
            return run(*fetch, *command, environment=job_environment(self.variables))
