using '../../../infra/incidents.bicep'

param appName = 'func-2uguaswpxddki'
