// Lets the alerts of infra/modules/alerts.bicep open incidents, and any alert whose rule names this
// action group. A separate deployment, because its address contains a key of the app, which Azure
// knows only once the app runs. The postdeploy hook deploys this.
param appName string

@description('Whether alerts reach the app.')
param enabled bool = true

var token = replace(appName, 'func-', '')

resource app 'Microsoft.Web/sites@2025-03-01' existing = {
  name: appName
}

resource incidents 'Microsoft.Insights/actionGroups@2023-01-01' = {
  name: 'ag-incidents-${token}'
  location: 'global'
  tags: resourceGroup().tags
  properties: {
    enabled: enabled
    groupShortName: 'Incidents'
    webhookReceivers: [
      {
        name: 'launch'
        serviceUri: 'https://${app.properties.defaultHostName}/api/alerts?code=${listKeys('${app.id}/host/default', '2025-03-01').functionKeys.default}'
        useCommonAlertSchema: true
      }
    ]
  }
}

// Adds the action group to the alerts' own actions, so that provisioning them needs no key.
resource processing 'Microsoft.AlertsManagement/actionRules@2021-08-08' = {
  name: 'apr-incidents-${token}'
  location: 'Global'
  properties: {
    enabled: enabled
    description: 'Alerts of StatusUpdate open incidents.'
    scopes: [resourceGroup().id]
    conditions: [
      {
        field: 'AlertRuleName'
        operator: 'Contains'
        values: ['-${token}']
      }
    ]
    actions: [
      {
        actionType: 'AddActionGroups'
        actionGroupIds: [incidents.id]
      }
    ]
  }
}
