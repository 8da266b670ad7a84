# Deploy, offboard, destroy, recover; each step says what it is and shows what Pulumi said. $1: a directory for its files.
set -eu
stack() {
    cat >"$1" <<YAML
encryptionsalt: v1:GlGcSQvG6ic=:v1:9uDri94XCaCglN3t:tf3lnS0NJIo2dMoMYiGcAh7lvDojNw==
config:
  gitlab-keyvault:location: westeurope
  gitlab-keyvault:resource_group: rg-vaults
  gitlab-keyvault:protect: false
  gitlab-keyvault:vault: {name: kv-vaults, retention_days: 7, purge_protection: false$2}
  gitlab-keyvault:projects:
    - {path: acme/shop, secrets: {KEY: shop-key}}
$3
YAML
}
own='    - {path: acme/own, secrets: {KEY: own-key}, vault: {name: kv-own, purge_protection: false, diagnostics: {workspace: log-own}}}'
run() {
    echo "=== $1"
    file=$2 && shift 2
    pulumi --non-interactive "$@" --stack rehearsal --config-file "$file" 2>&1 || echo "exit code $?"
}
pulumi --non-interactive stack select --create rehearsal >/dev/null 2>&1
stack "$1/two.yaml" "" "$own"
stack "$1/one.yaml" "" ""
stack "$1/back.yaml" ", recover: true, sku: premium" ""
stack "$1/unknown.yaml" ", diagnostics: {workspace: /subscriptions/$ARM_SUBSCRIPTION_ID/resourceGroups/nowhere/providers/Microsoft.OperationalInsights/workspaces/logs}" ""
stack "$1/protected.yaml" "" ""
sed -i 's/protect: false/protect: true/' "$1/protected.yaml"
run deploy "$1/two.yaml" up --yes --skip-preview --suppress-outputs
run offboard "$1/one.yaml" up --yes --skip-preview --suppress-outputs
run unknown "$1/unknown.yaml" preview
run protect "$1/protected.yaml" up --yes --skip-preview --suppress-outputs
run refused "$1/protected.yaml" destroy --yes --skip-preview
run unprotect "$1/one.yaml" up --yes --skip-preview --suppress-outputs
run destroy "$1/one.yaml" destroy --yes --skip-preview
run held "$1/one.yaml" preview
run recover "$1/back.yaml" up --yes --skip-preview --suppress-outputs
pulumi stack export --stack rehearsal >"$1/recovered.json"
run settle "$1/back.yaml" up --yes --skip-preview --suppress-outputs
pulumi stack export --stack rehearsal >"$1/settled.json"
run settled "$1/back.yaml" preview --refresh --expect-no-changes
