using '../../../infra/main.bicep'

param environmentName = 'status'
param location = 'westus'
param alwaysReadyInstances = 0
