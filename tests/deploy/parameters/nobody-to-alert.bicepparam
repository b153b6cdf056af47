using '../../../infra/main.bicep'

param environmentName = 'status'
param location = 'westeurope'
// Set, and empty: as a workflow sets variables that nobody gave a value.
param alertEmails = ' , '
param publicUrl = 'https://status.example.com'
param webhookTokens = ''
