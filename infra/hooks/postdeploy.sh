#!/bin/sh
# After azd has deployed: polls the app's health page until the app is healthy, and explains the
# answer. A new app takes minutes to start, and its role assignments take minutes to take effect.
# Then it connects the alerts to the app, if STATUS_INFRA_ALERT_INCIDENTS says so.
set -eu

: "${WEBHOOK_URL:?is set by azd provision; run this through azd hooks run postdeploy}"
: "${PAGE_URL:?is set by azd provision}"

health="${WEBHOOK_URL%/status-update}/health"
limit=300 # seconds
body=$(mktemp)
trap 'rm -f "$body"' EXIT

fail() {
  echo "postdeploy: $*" >&2
  exit 1
}

# `code` is the answer's status, or 000; `failure` is curl's own exit code.
ask() {
  : >"$body"
  failure=0
  code=$(curl --silent --max-time 20 --output "$body" --write-out '%{http_code}' "$health") || failure=$?
}
says() { tr -d ' \n' <"$body" | grep -q "$1"; }
# Healthy, or missing only the tokens, which do not exist before the webhook is created.
is_well() { says '"problem":null' && says '"not_configured":\[\("STATUS_WEBHOOK_TOKENS[^"]*"\)\{0,1\}\]'; }

echo "Asking $health; a new app can take some minutes."
start=$(date +%s)
ask
until is_well || [ $(($(date +%s) - start)) -ge "$limit" ]; do
  sleep 10
  ask
done

# A separate deployment: the address for alerts contains a key of the app, which Azure knows only
# once the app runs. The key stays in Azure, and is in no output.
post_alerts() {
  case ${STATUS_INFRA_ALERT_INCIDENTS:-} in
    true | false) ;;
    *) return 0 ;;
  esac
  az deployment group create --name status-update-incidents \
    --resource-group "${AZURE_RESOURCE_GROUP:?is set by azd provision}" \
    ${AZURE_SUBSCRIPTION_ID:+--subscription "$AZURE_SUBSCRIPTION_ID"} \
    --template-file "$(dirname "$0")/../incidents.bicep" \
    --parameters "appName=${FUNCTION_APP_NAME:?is set by azd provision}" "enabled=$STATUS_INFRA_ALERT_INCIDENTS" \
    --output none ||
    fail "the app is deployed and well, but az could not connect the alerts to it (STATUS_INFRA_ALERT_INCIDENTS). \
Sign in with az login, then azd hooks run postdeploy"
  if [ "$STATUS_INFRA_ALERT_INCIDENTS" = true ]; then
    echo 'Alerts open incidents.'
  else
    echo 'Alerts open no incidents.'
  fi
}

if is_well; then
  echo 'The app answers, and reaches its storage.'
  post_alerts
  if says STATUS_WEBHOOK_TOKENS; then
    echo "Next:    In Teams create an outgoing webhook that calls $WEBHOOK_URL, and put its security token in place: step 4 of the README."
  else
    echo "Page:    $PAGE_URL"
  fi
  exit 0
fi
case $failure,$code in
  28,*) fail "requests hang: the host runs, and the program does not. In the package status-update is missing or \
not executable. Deploy one that infra/package.sh or a release made" ;;
  0,404) fail "the host runs without our functions: the package lacks the folders Health, Reconcile and \
StatusUpdate at its top. Deploy one that infra/package.sh or a release made" ;;
  0,500 | 0,502) if [ ! -s "$body" ]; then
    fail "$code and no body: the program ended, or the host is older than those that the program works with. \
The app's log has the reason: docs/runbook.md"
  fi ;;
  0,*) ;;
  *) fail "no answer (curl's error $failure): the host is stopped, or was not started yet. Look at the app's log: \
docs/runbook.md. Ask again: azd hooks run postdeploy" ;;
esac
fail "the app answers $code, with a problem. 403 in it means role assignments that may not have taken effect yet: \
ask again in some minutes with azd hooks run postdeploy
$(head -c 2000 "$body")"
