"""The subscription and its resource groups."""

from .authorization import has_a_role
from .request import Answer, Call, Handlers, refusal
from .resources import KEPT, find, keep, under

_GROUP = "Microsoft.Resources/resourceGroups"


def _subscription(call: Call) -> Answer:
    return 200, {
        "id": f"/subscriptions/{call.cloud.subscription}",
        "subscriptionId": call.cloud.subscription,
        "tenantId": call.cloud.tenant,
        "displayName": "Rehearsal",
        "state": "Enabled",
    }


def _subscriptions(call: Call) -> Answer:
    return 200, {"value": [_subscription(call)[1]] if has_a_role(call.cloud, call.caller) else []}


def _put_group(call: Call) -> Answer:
    old = find(call.cloud, call.path.text)
    if old and old["location"] != call.location:
        raise refusal(
            409,
            "InvalidResourceGroupLocation",
            f"Invalid resource group location '{call.location}'. The Resource group already exists in location "
            f"'{old['location']}'.",
        )
    return (200 if old else 201), keep(call, {**call.body, "location": call.location}, {}, _GROUP)


def _groups(call: Call) -> Answer:
    return 200, {"value": under(call.cloud, call.path.scope, _GROUP)}


TYPES: dict[str, Handlers] = {
    "microsoft.resources/subscriptions": {"GET": _subscription, "GET/": _subscriptions},
    "microsoft.resources/subscriptions/resourcegroups": {**KEPT, "PUT": _put_group, "GET/": _groups},
}
