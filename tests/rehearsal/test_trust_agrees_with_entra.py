"""What components plan and the fetch module predicts, held against what the rehearsal's Entra and Graph decide.

The two sides share no code: trust lists are compiled and jobs predicted by the product's pure rules; the judge makes
the tokens as GitLab does and compares them with the credentials as Entra does.
"""

from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import Any

import pytest
import requests
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from components.settings.trust import TrustedProject, TrustSettings
from components.trust.planning import plan
from keyvault_fetch.trust.credentials import Credential
from keyvault_fetch.trust.jobs import Job
from keyvault_fetch.trust.prediction import predict
from keyvault_fetch.trust.subjects import COMPONENTS, TIERS
from rehearsal.entra import federation
from rehearsal.entra.access_token import Principal, issue
from rehearsal.entra.errors import SignInError
from rehearsal.gitlab import id_tokens
from rehearsal.gitlab.registry import number
from rehearsal.keys import signing_key
from rehearsal.server import Running

ISSUER = "https://gitlab.com"
ELSEWHERE = "https://gitlab.example.com"
# One by another letter's case, one whose path begins like another's, one of the same name elsewhere: a fork.
PATHS = ("trust/shop", "trust/Shop", "trust/shop-web", "trust/shop/web", "evil/shop")
REFS = ("main", "Main", "release", "release/1.0", "release/2/x", "v1", "v1.2", "hotfix", "it's")
PATTERNS = ("release/*", "v*", "v?", "re*", "*/*", "*", "?ain")


@dataclass(frozen=True)
class Case:
    """Projects of one identity with trust lists that hold, and the credentials that they are compiled into."""

    projects: tuple[TrustedProject, ...]
    credentials: tuple[Credential, ...]


@dataclass(frozen=True)
class Token:
    """A job, and what its token says beside: the components of its project's subjects, issuer and audience."""

    job: Job
    components: tuple[str, ...]
    issuer: str
    audience: str

    def claims(self, now: int = 0) -> dict[str, Any]:
        """Return the claims of the played GitLab."""
        job = self.job
        played = id_tokens.Job(
            job.project_path,
            job.ref,
            job.ref_type,
            ref_protected=job.ref_protected,
            environment="" if job.environment_protected is None else "an environment",
            environment_protected=bool(job.environment_protected),
            deployment_tier=job.deployment_tier,
        )
        return {**id_tokens.job_claims(played, self.audience, now, 300, self.components), "iss": self.issuer}

    def predicted(self, credentials: tuple[Credential, ...]) -> str | int | None:
        """Return the name of the credential that is said to match, or the code that is said to come."""
        said = predict(self.job, self.components, self.issuer, self.audience, credentials)
        return said.credential.name if said.credential else said.code


@st.composite
def components(draw: st.DrawFn) -> tuple[str, ...]:
    first = draw(st.sampled_from(COMPONENTS[:2]))
    rest = draw(st.permutations([name for name in COMPONENTS if name != first]))
    wanted = draw(st.sampled_from([("ref_type", "ref"), COMPONENTS[2:5], COMPONENTS[2:], COMPONENTS]))
    return (first, *(name for name in rest if name in wanted))


def expressions(path: str) -> st.SearchStrategy[TrustSettings]:
    subject = st.sampled_from([f"project_path:{path}:*", f"project_id:{number(path)}:*", "*:ref:main", "*"])
    beside = st.sampled_from(
        [f"project_id'] eq '{number(path)}", f"namespace_id'] eq '{number('trust')}", "user_id'] eq '4242"]
    )
    text = st.builds("claims['sub'] matches '{}' and claims['{}'".format, subject, beside)
    return st.builds(TrustSettings, expression=text)


@st.composite
def entries(draw: st.DrawFn, path: str) -> TrustSettings:
    if draw(st.integers(0, 9)) == 0:
        entry = draw(expressions(path))
    else:
        kind, ref = (
            draw(st.sampled_from(["branch", "tag", "merge_request", ""])),
            draw(st.sampled_from(REFS + PATTERNS)),
        )
        flag = st.sampled_from([False, False, True])
        entry = TrustSettings(
            branch=ref * (kind == "branch"),
            tag=ref * (kind == "tag"),
            merge_request=ref * (kind == "merge_request"),
            protected=draw(flag),
            environment_protected=draw(flag),
            deployment_tier=draw(st.sampled_from(["", "", *TIERS])),
        )
    return replace(entry, allow_broad=True, reason="why") if draw(st.integers(0, 4)) == 0 else entry


@st.composite
def cases(draw: st.DrawFn) -> Case:
    flexible = draw(st.sampled_from([True, True, True, False]))
    paths = draw(st.lists(st.sampled_from(PATHS[:4]), min_size=1, max_size=3, unique_by=str.lower))
    projects = [
        TrustedProject(path, number(path), draw(components()), tuple(draw(st.lists(entries(path), max_size=6))))
        for path in paths
    ]
    made = plan(projects, ISSUER, ISSUER, flexible=flexible)
    while made.findings:  # what is refused is others' to test: it is left out here
        wrong = {(finding.project, finding.entry) for finding in made.findings}
        assume(all(entry is not None for _, entry in wrong))
        projects = [
            replace(project, trust=tuple(one for at, one in enumerate(project.trust) if (index, at) not in wrong))
            for index, project in enumerate(projects)
        ]
        made = plan(projects, ISSUER, ISSUER, flexible=flexible)
    assume(made.credentials)
    return Case(tuple(projects), made.credentials)


@st.composite
def tokens(draw: st.DrawFn, case: Case) -> Token:
    """Draw a job, mostly of a trusted project and often near to what a trust entry of it wants.

    An untrusted project sets its subject's components as it likes.
    """
    path = draw(st.sampled_from([*(project.path for project in case.projects)] * 3 + [*PATHS]))
    known = next((project for project in case.projects if project.path == path), None)
    aim = draw(st.sampled_from([*(known.trust if known else ()), TrustSettings()]))
    deployed = aim.environment_protected or aim.deployment_tier != "" or draw(st.booleans())
    job = Job(
        path,
        number(path),
        "tag" if aim.tag else draw(st.sampled_from(["branch", "branch", "tag"])),
        draw(st.sampled_from([ref for ref in REFS if fnmatchcase(ref, aim.ref or "*")])),
        ref_protected=aim.protected or draw(st.booleans()),
        environment_protected=aim.environment_protected or draw(st.booleans()) if deployed else None,
        deployment_tier=aim.deployment_tier or draw(st.sampled_from(TIERS)) if deployed else "",
        namespace_id=number(path.rpartition("/")[0]),
        user_id=4242,
    )
    issuer = draw(st.sampled_from([*[ISSUER] * 8, ELSEWHERE]))
    audience = draw(st.sampled_from([*[ISSUER] * 8, "api://AzureADTokenExchange"]))
    return Token(job, known.sub_components if known else draw(components()), issuer, audience)


def document(credential: Credential) -> dict[str, Any]:
    """Return the credential as Graph takes it."""
    expression = {"claimsMatchingExpression": {"value": credential.expression, "languageVersion": 1}}
    known = {"name": credential.name, "issuer": credential.issuer, "audiences": [credential.audience]}
    return {**known, "subject": credential.subject or None, **(expression if credential.expression else {})}


def judged(credentials: tuple[Credential, ...], claims: dict[str, Any]) -> str | int:
    """Return what the rehearsal's Entra says: the name of the credential that matches, or the code."""
    try:
        of_issuer = federation.of_issuer([document(each) for each in credentials], claims["iss"])
        return federation.match(of_issuer, claims)["name"]
    except SignInError as refused:
        return refused.code


def means(entry: TrustSettings, job: Job) -> bool:
    """Tell whether the entry, read as a person reads it, means this job of its project."""
    ref_fits = fnmatchcase(job.ref, entry.ref) and bool(entry.tag) == (job.ref_type == "tag")
    return (
        (not entry.ref or ref_fits)
        and (not entry.protected or job.ref_protected)
        and (not entry.environment_protected or job.environment_protected is True)
        and entry.deployment_tier in ("", job.deployment_tier)
    )


@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(st.data())
def test_entra_decides_as_predicted_and_as_the_trust_list_means(data: st.DataObject):
    case = data.draw(cases())
    written = {entry.expression for project in case.projects for entry in project.trust if entry.allow_broad} - {""}
    expression = {credential.name: credential.expression for credential in case.credentials}
    for _ in range(8):
        token = data.draw(tokens(case))
        said = judged(case.credentials, token.claims())
        assert said == token.predicted(case.credentials)
        own = [entry for project in case.projects if project.path == token.job.project_path for entry in project.trust]
        in_words = [entry for entry in own if not entry.expression]
        right = (token.issuer, token.audience) == (ISSUER, ISSUER)
        if isinstance(said, int):
            assert not (right and any(means(entry, token.job) for entry in in_words))
        else:
            assert right
            # No job of another project, and none that nothing means, but where the stack allows it with a reason.
            broad = any(entry.allow_broad or entry.expression for entry in own)
            assert expression[said] in written or broad or any(means(entry, token.job) for entry in in_words)


@pytest.fixture(scope="module")
def graph(cloud: Running) -> dict[str, str]:
    """The headers of the deployer's requests to Graph."""
    person = next(each for each in cloud.cloud.store.all("servicePrincipal") if each["appId"] == cloud.cloud.client_id)
    token = issue(cloud.cloud, Principal(person["appId"], person["id"]), "https://graph.microsoft.com")
    return {"Authorization": f"Bearer {token}"}


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(st.data())
def test_over_the_wire_graph_takes_what_is_planned_and_entra_refuses_what_is_predicted(
    cloud: Running, http: requests.Session, graph: dict[str, str], data: st.DataObject
):
    case = data.draw(cases())

    def post(path: str, body: dict[str, Any]) -> Any:
        made = http.post(f"https://graph.microsoft.com/{path}", json=body, headers=graph, timeout=10)
        assert made.status_code == 201, made.text
        return made.json()

    application = post("v1.0/applications", {"displayName": "trust"})
    post("v1.0/servicePrincipals", {"appId": application["appId"]})
    for credential in case.credentials:
        version = "beta" if credential.expression else "v1.0"
        post(f"{version}/applications/{application['id']}/federatedIdentityCredentials", document(credential))
    for _ in range(8):
        token = data.draw(tokens(case))
        claims = token.claims(int(cloud.cloud.now()))
        form = {
            "grant_type": "client_credentials",
            "client_id": application["appId"],
            "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            "client_assertion": signing_key(cloud.cloud.store, "gitlab").sign(claims),
            "scope": "https://vault.azure.net/.default",
        }
        url = f"https://login.microsoftonline.com/{cloud.cloud.tenant}/oauth2/v2.0/token"
        answer = http.post(url, data=form, timeout=10)
        predicted = token.predicted(case.credentials)
        assert (0 if answer.ok else answer.json()["error_codes"][0]) == (0 if isinstance(predicted, str) else predicted)
