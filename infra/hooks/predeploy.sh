#!/bin/sh
# Before azd deploys: waits until the app's role assignments take effect, which takes minutes. Until
# then the upload of the package fails: InaccessibleStorageException, 403. Only the app can use its
# roles, so this checks two signs: the age of the assignments, and whether the app can read the key
# vault, whose role was assigned with them.
set -eu

: "${HOST_STORAGE_ID:?is set by azd provision; run this through azd hooks run predeploy}"
: "${FUNCTION_APP_ID:?is set by azd provision}"

settled=120 limit=600 # seconds

# `2026-11-21T13:50:01` so many seconds ago, with GNU's date or BSD's.
ago() {
  then=$(($(date -u +%s) - $1))
  date -u -d "@$then" +%Y-%m-%dT%H:%M:%S 2>/dev/null || date -u -r "$then" +%Y-%m-%dT%H:%M:%S
}
given_before() { [ "$(printf '%s\n' "$given" "$(ago "$1")" | sort | head -n 1)" = "$given" ]; }

references="https://management.azure.com$FUNCTION_APP_ID/config/configreferences/appsettings"
vault_answers() {
  az rest --method post --url "$references/refresh?api-version=2022-03-01" --output none || return 0
  status=$(az rest --method get --output tsv --query properties.status \
    --url "$references/STATUS_WEBHOOK_TOKENS?api-version=2022-03-01") || return 0
  # A missing secret is an answer too.
  case $status in AccessToKeyVaultDenied | MSINotEnabled | FetchTimedOut) return 1 ;; esac
}

given=$(az role assignment list --scope "$HOST_STORAGE_ID" \
  ${AZURE_SUBSCRIPTION_ID:+--subscription "$AZURE_SUBSCRIPTION_ID"} --fill-principal-name false \
  --fill-role-definition-name false --query "max([].createdOn)" --output tsv) || {
  echo 'predeploy: az cannot read when the role was assigned. Is it installed, and signed in with az login to the tenant of the subscription?'
  echo 'If deploying fails with 403, the role assignments have not taken effect yet: azd deploy again in a few minutes.'
  exit 0
}
if [ -z "$given" ] || [ "$given" = None ]; then
  echo 'predeploy: the app has no role on the account that it is deployed to. azd provision --no-state assigns it again' >&2
  exit 1
fi
given=$(printf %.19s "$given")

waiting=false
until given_before "$limit" || { given_before "$settled" && vault_answers; }; do
  if [ "$waiting" = false ]; then
    echo "The app's roles were assigned at $given UTC and take some minutes to take effect. Waiting until they are ten minutes old at most."
    waiting=true
  fi
  sleep 15
done
if [ "$waiting" = true ] && given_before "$limit"; then
  echo 'Going on. If deploying fails with 403, the role assignments have not taken effect yet: azd deploy again in a few minutes.'
fi
