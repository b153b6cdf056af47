using '../../../infra/main.bicep'

param environmentName = 'status'
param location = 'westeurope'
