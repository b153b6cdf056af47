using '../../../infra/main.bicep'

param environmentName = 'status'
param location = 'westeurope'
param resourceGroupName = 'status-page'
param webhookTokens = 'Zmlyc3Q=,c2Vjb25k'
param notify = true
param notifyUrl = 'https://prod-00.westeurope.logic.azure.com/workflows/0'
param alwaysReadyInstances = 2
param alertEmails = 'oncall@example.com, team@example.com'
param availabilityTest = true
param heartbeat = true
param heartbeatUrl = 'https://hc-ping.com/0'
param workbook = true
param siteRedundancy = 'RAGZRS'
param logImmutabilityDays = 365
param recoveryDays = 90
param permanentDelete = true
param frontDoor = true
param customDomain = 'status.example.com'
param settings = {
  STATUS_ALLOWED_TENANTS: '00000000-0000-0000-0000-000000000003'
  STATUS_CONFIG: ''
}
