#!/bin/sh
# After azd has provisioned: sees to it that the static website is on, and says what comes next.
# Running it again changes nothing. azd gives the template's outputs in the environment.
set -eu

: "${SITE_STORAGE_ACCOUNT:?is set by azd provision; run this through azd hooks run postprovision}"
: "${PAGE_URL:?is set by azd provision}"
: "${WEBHOOK_URL:?is set by azd provision}"

fail() {
  echo "postprovision: $*" >&2
  exit 1
}

# The two documents as az names them, for one line to compare.
wanted='true index.html 404.html'

website() {
  az storage blob service-properties show --account-name "$SITE_STORAGE_ACCOUNT" --auth-mode login \
    --query "join(' ', [to_string(staticWebsite.enabled), staticWebsite.indexDocument || '-', staticWebsite.errorDocument404Path || staticWebsite.errorDocument_404Path || '-'])" \
    --output tsv
}

if [ "${STATIC_WEBSITE_DECLARED:-}" = true ]; then
  echo 'The static website is on, by the template.'
else
  command -v az >/dev/null || fail "the storage service did not take the static website from the \
template, and the Azure CLI (az) is not here to switch it on. Install it, az login, azd hooks run postprovision"
  now=$(website) || fail "az cannot read the settings of $SITE_STORAGE_ACCOUNT. Sign in with az login \
as somebody who may change the account (Owner, or Storage Account Contributor)"
  if [ "$now" = "$wanted" ]; then
    echo 'The static website is on already.'
  else
    az storage blob service-properties update --account-name "$SITE_STORAGE_ACCOUNT" \
      --auth-mode login --static-website true --index-document index.html \
      --404-document 404.html --output none ||
      fail "the static website of $SITE_STORAGE_ACCOUNT could not be switched on"
    echo 'The static website was switched on.'
  fi
fi

echo "Page:    $PAGE_URL"
echo "Webhook: $WEBHOOK_URL"
if [ -n "${DNS_RECORDS:-}" ]; then
  echo "DNS:     $DNS_RECORDS"
fi
if [ -z "${STATUS_WEBHOOK_TOKENS:-}" ] && [ -n "${NEXT_STEPS:-}" ]; then
  echo "Next:    $NEXT_STEPS"
fi
