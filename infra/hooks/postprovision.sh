#!/bin/sh
# After azd has provisioned: ensures that the static website is on, and makes the app read new
# secrets. Running it again changes nothing. azd passes the template's outputs as variables.
set -eu

: "${SITE_STORAGE_ACCOUNT:?is set by azd provision; run this through azd hooks run postprovision}"
: "${FUNCTION_APP_ID:?is set by azd provision}"
: "${PAGE_URL:?is set by azd provision}"
: "${WEBHOOK_URL:?is set by azd provision}"

fail() {
  echo "postprovision: $*" >&2
  exit 1
}

# The two documents under az's names, on one line for comparison.
wanted='true index.html 404.html'

website() {
  az storage blob service-properties show --account-name "$SITE_STORAGE_ACCOUNT" --auth-mode login \
    ${AZURE_SUBSCRIPTION_ID:+--subscription "$AZURE_SUBSCRIPTION_ID"} \
    --query "join(' ', [to_string(staticWebsite.enabled), staticWebsite.indexDocument || '-', staticWebsite.errorDocument404Path || staticWebsite.errorDocument_404Path || '-'])" \
    --output tsv
}

if [ "${STATIC_WEBSITE_DECLARED:-}" = true ]; then
  echo 'The static website is on, by the template.'
else
  command -v az >/dev/null || fail "the storage service did not take the static website from the \
template, and the Azure CLI (az) is not here to switch it on. Install it, az login, azd hooks run postprovision"
  now=$(website) || fail "az cannot read the settings of $SITE_STORAGE_ACCOUNT. Sign in with az login \
with a role that can change the account (Owner, or Storage Account Contributor), in the subscription's tenant"
  if [ "$now" = "$wanted" ]; then
    echo 'The static website is on already.'
  else
    az storage blob service-properties update --account-name "$SITE_STORAGE_ACCOUNT" \
      ${AZURE_SUBSCRIPTION_ID:+--subscription "$AZURE_SUBSCRIPTION_ID"} \
      --auth-mode login --static-website true --index-document index.html \
      --404-document 404.html --output none ||
      fail "the static website of $SITE_STORAGE_ACCOUNT could not be switched on"
    echo 'The static website was switched on.'
  fi
fi

# The template has stored them in the vault. By itself the app rereads them within a day.
if [ -n "${STATUS_WEBHOOK_TOKENS:-}${STATUS_NOTIFY_URL:-}${STATUS_HEARTBEAT_URL:-}" ]; then
  az rest --method post --output none \
    --url "https://management.azure.com$FUNCTION_APP_ID/config/configreferences/appsettings/refresh?api-version=2022-03-01" ||
    fail "the secrets are in the key vault, but az could not make the app read them. Sign in with az login, then \
azd hooks run postprovision; without it the app reads them within a day, and Teams may get 401 until then"
  echo 'The secrets are in the key vault, and the app reads them now.'
fi

echo "Page:    $PAGE_URL"
echo "Webhook: $WEBHOOK_URL"
if [ -n "${DNS_RECORDS:-}" ]; then
  echo "DNS:     $DNS_RECORDS"
fi
