#!/bin/sh
# Before azd provisions: stops if Azure has a value that is missing from this environment, because
# azd would replace it with the template's default. A new environment on a second machine has none.
# It compares with the parameters of the newest deployment, and for settings with the app itself.
# A variable that is set and empty counts as emptied on purpose.
#
#   STATUS_ADOPT=true azd hooks run preprovision    copies the missing values into the environment
#   STATUS_UNCHECKED=true azd provision             provisions without this check
set -eu

fail() {
  echo "preprovision: $*" >&2
  exit 1
}

: "${AZURE_ENV_NAME:?is set by azd; run this through azd hooks run preprovision}"
if [ "${STATUS_UNCHECKED:-}" = true ]; then
  echo 'preprovision: not checked, as STATUS_UNCHECKED asks.'
  exit 0
fi
command -v az >/dev/null ||
  fail 'the Azure CLI (az) is missing, so nothing can tell which values Azure has. Install it and run az login'

infra=$(cd "$(dirname "$0")/.." && pwd)
ask() {
  az "$@" ${AZURE_SUBSCRIPTION_ID:+--subscription "$AZURE_SUBSCRIPTION_ID"} --output tsv ||
    fail "az cannot read subscription ${AZURE_SUBSCRIPTION_ID:-(its default)}. azd and az sign in separately: run az login, \
with --tenant if the subscription is in a different tenant than az account show names"
}
line() { printf '%s\n' "$1" | sed -n "$2p"; }

found=$(ask resource list --tag "azd-env-name=$AZURE_ENV_NAME" --query "[?type=='Microsoft.Web/sites'] | [0].[id, location]") || exit 1
app=$(line "$found" 1)
if [ -z "$app" ]; then
  echo "Azure has nothing of the environment $AZURE_ENV_NAME yet."
  exit 0
fi

region=$(line "$found" 2)
if [ "${AZURE_LOCATION:-$region}" != "$region" ]; then
  fail "$AZURE_ENV_NAME is in $region, and AZURE_LOCATION is $AZURE_LOCATION. Names depend on the region, so this would make a \
second, empty deployment. Keep the region:  azd env set AZURE_LOCATION $region
A different region needs an environment of its own (azd env new), or azd down --purge first: docs/deploying.md, \"Moving\""
fi

# The parameters that azd reads from variables: where the deployment has the value, and the variable.
# shellcheck disable=SC2016
parameters=$(sed -n \
  -e 's/^ *"\([A-Za-z]*\)": *{ *"value": *"${\([A-Z_]*\)[=}].*/\1.value \2/p' \
  -e 's/^ *"\(STATUS_[A-Z_]*\)": *"${\([A-Z_]*\)[=}].*/settings.value.\1 \2/p' "$infra/main.parameters.json")
paths=$(printf '%s\n' "$parameters" | cut -d ' ' -f 1 | paste -s -d , -)
settings=$(printf '%s\n' "$parameters" | sed -n 's/^settings\.value\.\([A-Z_]*\) .*/\1/p' | paste -s -d , -)

deployed=$(ask deployment sub list --query "sort_by([?properties.parameters.environmentName.value=='$AZURE_ENV_NAME'], &properties.timestamp)[-1].properties.parameters.[$paths]") || exit 1
[ -n "$deployed" ] || fail "Azure has $app and no record of the deployment that made it, so nothing can tell which values this \
environment lacks. Look at azd provision --preview with STATUS_UNCHECKED=true, then provision with it"
live=$(ask rest --method post --url "https://management.azure.com$app/config/appsettings/list?api-version=2025-03-01" \
  --query "properties.[$settings]") || exit 1

default_of() { sed -n "s/^param ${1%.value} [a-z]* = //p" "$infra/main.bicep" | tr -d "'"; }

missing='' number=0 setting=0
while read -r path variable; do
  number=$((number + 1))
  value=$(line "$deployed" "$number") default=$(default_of "$path")
  case $path in
    settings.*)
      setting=$((setting + 1))
      value=$(line "$live" "$setting") default='' ;;
    resourceGroupName.*) [ "$value" != "rg-$AZURE_ENV_NAME" ] || continue ;;
  esac
  # None is a missing value, or one that Azure does not show: a secret.
  [ "$value" != None ] && [ "$value" != "$default" ] || continue
  printenv "$variable" >/dev/null || missing="$missing$variable $value
"
done <<END
$parameters
END
[ -n "$missing" ] || exit 0
missing=${missing%?}

if [ "${STATUS_ADOPT:-}" = true ]; then
  printf '%s\n' "$missing" | while read -r variable value; do
    azd env set "$variable" "$value" --environment "$AZURE_ENV_NAME" </dev/null
    echo "$variable was copied into the environment."
  done
  exit 0
fi

echo 'preprovision: Azure has values that this environment lacks. Provisioning would replace them with the defaults:' >&2
if [ -n "${GITHUB_ACTIONS:-}" ]; then
  # The log of a workflow may be public.
  printf '%s\n' "$missing" | sed 's/ .*//; s/^/  /' >&2
  fail 'keep them: set them as variables of the repository or of the environment production. Give one up: name it under "clear" when you start the workflow'
fi
printf '%s\n' "$missing" | sed 's|^|  |' >&2
echo 'Keep them:    STATUS_ADOPT=true azd hooks run preprovision' >&2
fail "give one up: azd env set $(printf '%s\n' "$missing" | sed -n '1s/ .*//p') \"\""
