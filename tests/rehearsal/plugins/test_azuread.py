"""azuread's resources, by the engine's calls."""

from collections.abc import Callable
from typing import Any

from pulumi.runtime.proto import provider_pb2 as pb

from rehearsal.plugins.values import unpack
from rehearsal.server import Running

APPLICATION = "azuread:index/application:Application"
PRINCIPAL = "azuread:index/servicePrincipal:ServicePrincipal"
CREDENTIAL = "azuread:index/applicationFederatedIdentityCredential:ApplicationFederatedIdentityCredential"
FLEXIBLE = "azuread:index/applicationFlexibleFederatedIdentityCredential:ApplicationFlexibleFederatedIdentityCredential"
EXPRESSION = "claims['sub'] matches 'project_path:acme/shop:*' and claims['project_id'] eq '7'"
ErrorOf = Callable[[Callable[[], object]], str]


def test_an_application_its_principal_and_a_credential_live_with_azureads_ids(entra: Any, cloud: Running):
    application, made = entra.create(APPLICATION, {"displayName": "shop", "tags": ["a"]})
    assert application == f"/applications/{made['objectId']}"
    assert made["owners"] == []
    principal, outputs = entra.create(PRINCIPAL, {"clientId": made["clientId"]})
    assert principal == f"/servicePrincipals/{outputs['objectId']}"
    subject = "project_path:acme/shop:ref_type:branch:ref:main"
    trust = {"issuer": "https://gitlab.com", "audiences": ["https://gitlab.com"], "subject": subject}
    inputs = {"applicationId": application, "displayName": "main", **trust}
    credential, outputs = entra.create(CREDENTIAL, inputs)
    assert credential == f"{made['objectId']}/federatedIdentityCredential/{outputs['credentialId']}"
    assert unpack(entra.read(CREDENTIAL, credential, {}, {}).inputs) == inputs
    entra.update(CREDENTIAL, credential, inputs, {**inputs, "subject": "other"})
    stored = cloud.cloud.store.get("fic", f"{made['objectId']}/{outputs['credentialId']}")
    assert stored is not None
    assert stored["subject"] == "other"
    for token, identifier in ((CREDENTIAL, credential), (PRINCIPAL, principal), (APPLICATION, application)):
        entra.delete(token, identifier)
        assert entra.read(token, identifier, {}, {}).id == ""


def test_drift_shows_in_the_inputs_and_nothing_else_does(entra: Any, cloud: Running):
    inputs = {"displayName": "drifts"}
    identifier, outputs = entra.create(APPLICATION, inputs)
    assert unpack(entra.read(APPLICATION, identifier, inputs, outputs).inputs) == inputs
    stored = cloud.cloud.store.get("application", outputs["objectId"]) or {}
    cloud.cloud.store.put("application", outputs["objectId"], {**stored, "notes": "by hand", "publisherDomain": "x"})
    drifted = unpack(entra.read(APPLICATION, identifier, inputs, outputs).inputs)
    assert drifted == {**inputs, "notes": "by hand"}
    assert "notes" not in entra.update(APPLICATION, identifier, drifted, inputs)


def test_owners_are_those_that_the_program_names(entra: Any):
    caller = entra.invoke("azuread:index/getClientConfig:getClientConfig")["objectId"]
    identifier, outputs = entra.create(APPLICATION, {"displayName": "owned", "owners": [caller]})
    assert outputs["owners"] == [caller]
    without = {"displayName": "owned"}
    assert entra.update(APPLICATION, identifier, {**without, "owners": [caller]}, without)["owners"] == []
    assert entra.update(APPLICATION, identifier, without, {**without, "owners": [caller]})["owners"] == [caller]


def test_graphs_refusal_reads_as_azuread_prints_it(entra: Any, error_of: ErrorOf):
    application, _ = entra.create(APPLICATION, {"displayName": "refused"})
    trust = {"issuer": "https://gitlab.com", "audiences": ["https://gitlab.com"]}
    error = error_of(lambda: entra.create(CREDENTIAL, {"applicationId": application, "displayName": "main", **trust}))
    assert error.startswith("unexpected status 400 (400 Bad Request) with error: InvalidFederatedIdentityCredential")


def test_what_is_imported_leaves_nothing_to_change_for_the_program_that_made_it(entra: Any):
    application, made = entra.create(APPLICATION, {"displayName": "imported", "signInAudience": "AzureADMyOrg"})
    principal, _ = entra.create(PRINCIPAL, {"clientId": made["clientId"]})
    for token, identifier, program in (
        (APPLICATION, application, {"displayName": "imported", "signInAudience": "AzureADMyOrg"}),
        (APPLICATION, application, {"displayName": "imported"}),
        (PRINCIPAL, principal, {"clientId": made["clientId"]}),
    ):
        imported = entra.imported(token, identifier)
        assert entra.diff(token, imported, program).changes == pb.DiffResponse.DIFF_NONE
        assert entra.diff(token, program, imported).changes == pb.DiffResponse.DIFF_NONE


def test_a_default_that_is_left_out_again_is_the_default(entra: Any, cloud: Running):
    application, _ = entra.create(APPLICATION, {"displayName": "default"})
    made = (cloud.cloud.store.get("application", application.rpartition("/")[2]) or {})["appId"]
    principal, _ = entra.create(PRINCIPAL, {"clientId": made, "accountEnabled": False})
    entra.update(PRINCIPAL, principal, {"clientId": made, "accountEnabled": False}, {"clientId": made})
    stored = cloud.cloud.store.get("servicePrincipal", principal.rpartition("/")[2]) or {}
    assert stored["accountEnabled"] is True


def test_a_flexible_credential_lives_in_beta_with_a_path_for_an_id(entra: Any, cloud: Running):
    application, made = entra.create(APPLICATION, {"displayName": "flexible"})
    trust = {"issuer": "https://gitlab.com", "audience": "https://gitlab.com", "claimsMatchingExpression": EXPRESSION}
    inputs = {"applicationId": application, "displayName": "release", "description": "why", **trust}
    identifier, outputs = entra.create(FLEXIBLE, inputs)
    assert identifier == f"{application}/federatedIdentityCredentials/{outputs['credentialId']}"
    assert entra.imported(FLEXIBLE, identifier) == inputs
    stored = cloud.cloud.store.get("fic", f"{made['objectId']}/{outputs['credentialId']}") or {}
    assert stored["claimsMatchingExpression"] == {"value": EXPRESSION, "languageVersion": 1}
    assert (stored["subject"], stored["audiences"]) == (None, ["https://gitlab.com"])
    changed = {**inputs, "claimsMatchingExpression": f"{EXPRESSION} and claims['user_id'] eq '1'"}
    assert entra.update(FLEXIBLE, identifier, inputs, changed)["claimsMatchingExpression"].endswith("eq '1'")
    renamed = entra.diff(FLEXIBLE, inputs, {**inputs, "displayName": "other"})
    assert list(renamed.replaces) == ["displayName"]
    entra.delete(FLEXIBLE, identifier)
    assert entra.read(FLEXIBLE, identifier, {}, {}).id == ""


def test_what_graph_says_to_a_wrong_expression_is_hidden_at_creation_as_azuread_does(entra: Any, error_of: ErrorOf):
    application, made = entra.create(APPLICATION, {"displayName": "refused"})
    trust = {"issuer": "https://gitlab.com", "audience": "https://gitlab.com", "displayName": "release"}
    wrong = {"applicationId": application, **trust, "claimsMatchingExpression": "claims['sub'] matches '*'"}
    told = f'adding flexible federated identity credential for Application (Application: "{made["objectId"]}")'
    assert error_of(lambda: entra.create(FLEXIBLE, wrong)) == told
    identifier, _ = entra.create(FLEXIBLE, {**wrong, "claimsMatchingExpression": EXPRESSION})
    error = error_of(lambda: entra.update(FLEXIBLE, identifier, wrong, wrong))
    assert "InvalidFederatedIdentityCredentialValue: Expression configured for issuer" in error
