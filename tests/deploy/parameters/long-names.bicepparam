using '../../../infra/main.bicep'

// As long as an environment's name may be with azd.
param environmentName = 'environment-with-a-name-of-64-characters-the-longest-azd-accepts'
param location = 'australiasoutheast'
param workbook = true
