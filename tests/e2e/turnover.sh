# Deploy eleven credentials of an application and of a managed identity, then ask for eleven others. $1: a directory for its files.
set -eu
stack() {
    cat >"$1" <<YAML
encryptionsalt: v1:GlGcSQvG6ic=:v1:9uDri94XCaCglN3t:tf3lnS0NJIo2dMoMYiGcAh7lvDojNw==
config:
  gitlab-keyvault:location: westeurope
  gitlab-keyvault:resource_group: rg-turnover
  gitlab-keyvault:vault: {name: kv-turnover}
  gitlab-keyvault:projects:
    - {path: acme/shop, trust: [$(branches "$2")], secrets: {KEY: key}}
    - {path: acme/infra, identity: managed, trust: [$(branches "$2")], secrets: {KEY: key}}
YAML
}
branches() { printf "{branch: $1%s}, " $(seq 11); }
run() {
    echo "=== $1"
    file=$2 && shift 2
    pulumi --non-interactive "$@" --stack rehearsal --config-file "$file" 2>&1 || echo "exit code $?"
}
pulumi --non-interactive stack select --create rehearsal >/dev/null 2>&1
stack "$1/before.yaml" old-
stack "$1/after.yaml" new-
run deploy "$1/before.yaml" up --yes --skip-preview --suppress-outputs
run others "$1/after.yaml" preview
