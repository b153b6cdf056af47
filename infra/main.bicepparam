// What azd or the deploying shell has in its environment becomes parameters: `azd env set NAME VALUE`.
using './main.bicep'

param environmentName = readEnvironmentVariable('AZURE_ENV_NAME', '')
param location = readEnvironmentVariable('AZURE_LOCATION', '')
param resourceGroupName = readEnvironmentVariable('AZURE_RESOURCE_GROUP', '')

param webhookTokens = readEnvironmentVariable('STATUS_WEBHOOK_TOKENS', '')
param publicUrl = readEnvironmentVariable('STATUS_PUBLIC_URL', '')

param alwaysReadyInstances = int(readEnvironmentVariable('ALWAYS_READY_INSTANCES', '1'))
param siteRedundancy = readEnvironmentVariable('SITE_REDUNDANCY', 'ZRS')
param logImmutabilityDays = int(readEnvironmentVariable('LOG_IMMUTABILITY_DAYS', '0'))
param recoveryDays = int(readEnvironmentVariable('RECOVERY_DAYS', '30'))
// Addresses separated by commas.
param alertEmails = filter(split(replace(readEnvironmentVariable('ALERT_EMAILS', ''), ' ', ''), ','), address => !empty(address))
param frontDoor = bool(readEnvironmentVariable('FRONT_DOOR', 'false'))
param customDomain = readEnvironmentVariable('CUSTOM_DOMAIN', '')

// The program's own settings that may be changed, as the README lists them. Left out: what the
// template derives (STATUS_STORAGE, AZURE_CLIENT_ID), and what the host sets.
param settings = {
  STATUS_ALLOWED_TENANTS: readEnvironmentVariable('STATUS_ALLOWED_TENANTS', '')
  STATUS_ALLOWED_TEAMS: readEnvironmentVariable('STATUS_ALLOWED_TEAMS', '')
  STATUS_ALLOWED_CHANNELS: readEnvironmentVariable('STATUS_ALLOWED_CHANNELS', '')
  STATUS_ALLOWED_USERS: readEnvironmentVariable('STATUS_ALLOWED_USERS', '')
  STATUS_CONFIG: readEnvironmentVariable('STATUS_CONFIG', '')
  STATUS_DEADLINE_MS: readEnvironmentVariable('STATUS_DEADLINE_MS', '')
  STATUS_MAX_SKEW_SECONDS: readEnvironmentVariable('STATUS_MAX_SKEW_SECONDS', '')
}
