"""What to run by hand where the stack does not write to GitLab itself: the commands of `glab`. Pure.

Source: GitLab CLI docs, `glab variable set` and `glab api`; GitLab docs, "Projects API".
"""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["set_sub_components", "set_variables"]


def set_variables(*, gitlab_url: str, project_path: str, environment_scope: str, values: Mapping[str, str]) -> str:
    """Return one command a variable (`values` by key), for jobs of the scope, `*` for every job.

    A variable that is there already is changed by `glab variable update` with the same arguments.
    """
    where = ["--repo", f"{gitlab_url}/{project_path}", "--scope", environment_scope, "--raw"]
    commands = (["glab", "variable", "set", key, value, *where] for key, value in values.items())
    return "".join(f"{shlex.join(command)}\n" for command in commands)


def set_sub_components(*, gitlab_url: str, project_path: str, components: Sequence[str]) -> str:
    """Return the command that makes the project's setting `ci_id_token_sub_claim_components` these, in this order.

    The list goes into the query: `glab` has no flag for one in a request's body.
    """
    where = urlsplit(gitlab_url)
    query = "&".join(f"ci_id_token_sub_claim_components[]={component}" for component in components)
    endpoint = f"projects/{quote(project_path, safe='')}?{query}"
    return shlex.join(["glab", "api", "--hostname", where.netloc, "--method", "PUT", endpoint]) + "\n"
