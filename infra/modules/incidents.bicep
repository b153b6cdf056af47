// What makes incidents of alerts: an action group that posts them to the app, for rules of the
// team's own as well. Its address has the app's key in it, which Azure gives when this is deployed.
param token string
param tags object
param appName string
param appUrl string

resource app 'Microsoft.Web/sites@2025-03-01' existing = {
  name: appName
}

resource incidents 'Microsoft.Insights/actionGroups@2023-01-01' = {
  name: 'ag-incidents-${token}'
  location: 'global'
  tags: tags
  properties: {
    enabled: true
    groupShortName: 'Incidents'
    webhookReceivers: [
      {
        name: 'launch'
        serviceUri: '${appUrl}/api/alerts?code=${listKeys('${app.id}/host/default', '2025-03-01').functionKeys.default}'
        useCommonAlertSchema: true
      }
    ]
  }
}

output id string = incidents.id
