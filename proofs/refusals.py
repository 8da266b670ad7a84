"""Proofs that every other token, and every other secret, is refused with its proper code."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

from .jobs import Job
from .proof import Proof, Scene
from .tools import mint_token

SHOP, PAYMENTS, WEB, INFRA = "acme/shop", "acme/payments", "acme/web", "acme/infra"
DISABLED_SECRET = "shop-retired"  # noqa: S105 - its name
OTHER_GROUP, OTHER_VAULT = "rg-elsewhere", "kv-elsewhere-rehearsal"
OTHER_SECRET = "elsewhere"  # noqa: S105 - its name

Case = tuple[str, str, Callable[[], Job]]
"""A claim, the code with which the service must refuse, and what makes the job."""


def signed_by_another_key(token: str, kid: str) -> str:
    """Return the token with its claims, signed by a key that GitLab does not have, under this key id."""
    claims = jwt.decode(token, options={"verify_signature": False})
    stranger = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return jwt.encode(claims, stranger, "RS256", headers={"kid": kid})


def key_id(token: str) -> str:
    """Return the id of the key that signed the token."""
    return jwt.get_unverified_header(token)["kid"]


def mangled(token: str) -> str:
    """Return the token without the last character of its claims, as no parser can read it."""
    header, claims, signature = token.split(".")
    return f"{header}.{claims[:-1]}!.{signature}"


def token_cases(scene: Scene) -> Iterator[Case]:
    """List the tokens that Entra must refuse, presented to acme/shop's application."""
    good = mint_token(SHOP, "main")
    tokens: dict[str, tuple[str, Callable[[], str]]] = {
        "another branch": ("AADSTS700213", lambda: mint_token(SHOP, "develop")),
        "a branch named as the tag": ("AADSTS700213", lambda: mint_token(SHOP, "v1.0.0")),
        "another project": ("AADSTS700213", lambda: mint_token("acme/shop-fork", "main")),
        "the other onboarded project": ("AADSTS700213", lambda: mint_token(PAYMENTS, "main")),
        "another audience": ("AADSTS700212", lambda: mint_token(SHOP, "main", "--aud", "https://vault.example.com")),
        "an expired token": ("AADSTS700024", lambda: mint_token(SHOP, "main", "--lifetime", "-900")),
        "a token signed by another key": ("AADSTS7000272", lambda: signed_by_another_key(good, "stranger")),
        "a forged signature under GitLab's key id": ("AADSTS700027", lambda: signed_by_another_key(good, key_id(good))),
        "a mangled token": ("AADSTS50027", lambda: mangled(good)),
    }
    for claim, (code, token) in tokens.items():
        yield claim, code, lambda token=token: Job.pasted(scene.projects[SHOP], token())


def pattern_cases(scene: Scene) -> Iterator[Case]:
    """List what a flexible credential (release/* of acme/web) and a managed identity (acme/infra) must refuse."""
    tokens: dict[str, tuple[str, str, Callable[[], str]]] = {
        f"a branch beside the pattern ({WEB})": (WEB, "7002131", lambda: mint_token(WEB, "releases")),
        f"a tag that the pattern fits ({WEB})": (
            WEB,
            "7002131",
            lambda: mint_token(WEB, "release/2.4", "--ref-type", "tag"),
        ),
        f"a fork's release branch ({WEB})": (WEB, "7002131", lambda: mint_token("mallory/web", "release/2.4")),
        f"another branch ({INFRA}, a managed identity)": (INFRA, "700213", lambda: mint_token(INFRA, "develop")),
    }
    for claim, (path, code, token) in tokens.items():
        yield claim, f"AADSTS{code}", lambda path=path, token=token: Job.pasted(scene.projects[path], token())


def vault_cases(scene: Scene, other_vault: str) -> Iterator[Case]:
    """List what the vault must refuse to a job whose token is good."""
    payments = Job.pasted(scene.projects[PAYMENTS], mint_token(PAYMENTS, "main"))
    shop = Job.pasted(scene.projects[SHOP], mint_token(SHOP, "main"))
    name = "shop-database-password"
    jobs = {
        f"a secret outside the scope ({PAYMENTS})": ("ForbiddenByRbac", payments.reading("PASSWORD", name)),
        "a vault without the role": ("ForbiddenByRbac", shop.reading("PASSWORD", OTHER_SECRET).at_vault(other_vault)),
        "a missing version": ("SecretNotFound", shop.reading("PASSWORD", name, version="0" * 32)),
        "a missing secret": ("SecretNotFound", shop.reading("PASSWORD", "no-such-secret")),
        "a disabled secret": ("SecretDisabled", shop.reading("PASSWORD", DISABLED_SECRET)),
    }
    for claim, (code, job) in jobs.items():
        yield claim, code, lambda job=job: job


def refusal(case: Case) -> Proof:
    """Run one case; what was seen is the service's code, or that the secret was read."""
    claim, code, job = case
    verdict = job().check()
    if verdict["ok"]:
        return Proof(claim, code, "the secret was read")
    codes = {secret["error"]["code"] if secret["error"] else "no error" for secret in verdict["secrets"]}
    return Proof(claim, code, ", ".join(sorted(codes)) or f"exit code {verdict['exit_code']}: {verdict.get('output')}")


def refusal_proofs(scene: Scene, other_vault: str) -> Iterator[Proof]:
    """Prove that all cases are refused, two at a time: each is a process of its own."""
    with ThreadPoolExecutor(2) as pool:
        yield from pool.map(refusal, [*token_cases(scene), *pattern_cases(scene), *vault_cases(scene, other_vault)])
