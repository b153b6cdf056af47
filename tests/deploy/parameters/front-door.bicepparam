using '../../../infra/main.bicep'

param environmentName = 'status'
param location = 'westeurope'
param alertEmails = 'oncall@example.com'
param frontDoor = true
param customDomain = 'status.a-subdomain.of-some-length.example.com'
