"""The one project setting that decides what a job's `sub` is made of: `ci_id_token_sub_claim_components`.

A dynamic provider, because pulumi-gitlab knows the setting only as part of the whole project, and adopting a team's
project as a resource would put everything else of it under this program.

What is kept in the state of the provider is its name, `components.gitlab.sub_claim.SubClaimProvider`, and nothing else
(Pulumi pickles it by reference): no code, no token. So this module and class keep their names for good; a state
written by an earlier release finds the present code under them.

Source: GitLab docs, "OpenID Connect (OIDC) authentication using ID tokens"; Pulumi docs, "Dynamic resource providers".
"""

import os
import sys
from typing import Any, Self, TypedDict

import pulumi
from pulumi import dynamic

from components.gitlab.api import GitLabApi, GitLabError

__all__ = ["SubClaimComponents", "SubClaimComponentsArgs", "SubClaimProvider"]

_NOBODY = (
    "There is no GitLab token.\n"
    "  mend: set GITLAB_TOKEN to a token with the scope api, whose owner is Maintainer of the project"
)


class SubClaimComponentsArgs(TypedDict):
    """Which project's jobs get which `sub`."""

    gitlab_url: str
    """URL of the GitLab instance, without a trailing slash."""

    project_id: str
    """The project's number."""

    components: list[str]
    """The claims in their order, the first `project_path` or `project_id`."""


class SubClaimProvider(dynamic.ResourceProvider):
    """Reads and writes the setting. It lives in a process of its own and gets its token there, from `configure`."""

    # What is pickled is a name: nothing to hide, and a person may see in the state that it is so.
    serialize_as_secret_always = False

    token = ""
    """The GitLab token, once configured."""

    def __reduce__(self) -> tuple[type[Self], tuple[()]]:
        """Pickle as a call without arguments: whatever an instance holds stays in its process."""
        return type(self), ()

    def configure(self, req: dynamic.ConfigureRequest) -> None:
        """Take the token from the stack's `gitlab:token`, else from GITLAB_TOKEN; none is fine until one is needed."""
        self.token = req.config.get("gitlab:token") or os.environ.get("GITLAB_TOKEN", "")
        # The engine shows what this process makes of an exception: with no frames it is the sentence alone.
        sys.tracebacklimit = 0

    def check(self, _olds: dict[str, Any], news: dict[str, Any]) -> dynamic.CheckResult:
        """Ask GitLab, already at preview, whether the setting could be written, if it is about to be."""
        writes = self.diff("", _olds, news).changes and isinstance(news["project_id"], str)
        reason = self._obstacle(news) if writes else ""
        return dynamic.CheckResult(news, [dynamic.CheckFailure("components", reason)] if reason else [])

    def diff(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> dynamic.DiffResult:
        """Compare what is said of the project; that the provider is pickled anew by another release is no change."""
        changed = [name for name in SubClaimComponentsArgs.__annotations__ if _olds.get(name) != _news.get(name)]
        replaces = [name for name in changed if name != "components"]
        return dynamic.DiffResult(changes=bool(changed), replaces=replaces)

    def create(self, props: dict[str, Any]) -> dynamic.CreateResult:
        """Write the setting where GitLab has another."""
        return dynamic.CreateResult(f"{props['gitlab_url']}/{props['project_id']}", self._written(props))

    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> dynamic.UpdateResult:
        """Write the setting where GitLab has another."""
        return dynamic.UpdateResult(self._written(_news))

    def read(self, id_: str, props: dict[str, Any]) -> dynamic.ReadResult:
        """Tell the setting as it is now, for a refresh to find what was changed by hand or by another stack."""
        components = self._api(props).sub_components(props["project_id"])
        if components is None:
            return dynamic.ReadResult("", {})
        return dynamic.ReadResult(id_, {**_said(props), "components": components})

    def delete(self, _id: str, _props: dict[str, Any]) -> None:
        """Leave the setting: another stack's credentials, or another cloud's, may rest on it."""

    def _obstacle(self, props: dict[str, Any]) -> str:
        try:
            api = self._api(props)
            found = api.sub_components(props["project_id"])
            api.check_scope()
        except GitLabError as error:
            return str(error)
        return "" if found else f"GitLab has no project {props['project_id']} that the token may see."

    def _written(self, props: dict[str, Any]) -> dict[str, Any]:
        api, project, components = self._api(props), props["project_id"], props["components"]
        if api.sub_components(project) != components:
            api.set_sub_components(project, components)
        return _said(props)

    def _api(self, props: dict[str, Any]) -> GitLabApi:
        if not self.token:
            raise GitLabError(_NOBODY)
        return GitLabApi(props["gitlab_url"], self.token)


class SubClaimComponents(dynamic.Resource, module="gitlab-keyvault", name="SubClaimComponents"):
    """The setting of a project. Make it depend on the credentials that trust the new `sub`.

    Two stacks may both manage it and must give it the same value; another value is what each finds changed by the other
    at its next refresh.
    """

    project_id: pulumi.Output[str]
    """The project's number."""

    components: pulumi.Output[list[str]]
    """The claims that `sub` is made of."""

    def __init__(self, name: str, args: SubClaimComponentsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(SubClaimProvider(), name, {**args}, opts)


def _said(props: dict[str, Any]) -> dict[str, Any]:
    return {name: props[name] for name in SubClaimComponentsArgs.__annotations__}
