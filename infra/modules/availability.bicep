// Requests the health page from five places. Each request also makes the program tick, so that due
// work is done even if the platform's timer has stopped.
param token string
param location string
param tags object
param insightsId string
param healthUrl string
@description('The action groups of the other alerts.')
param actionGroupIds string[]

// Their documented names: West Europe, North Europe, East US, West US, Southeast Asia.
var places = ['emea-nl-ams-azr', 'emea-gb-db3-azr', 'us-va-ash-azr', 'us-ca-sjc-azr', 'apac-sg-sin-azr']
var name = 'health-${token}'

resource test 'Microsoft.Insights/webtests@2022-06-15' = {
  name: name
  location: location
  // Azure finds the component of the results by this tag.
  tags: union(tags, { 'hidden-link:${insightsId}': 'Resource' })
  kind: 'standard'
  properties: {
    SyntheticMonitorId: name
    Name: 'StatusUpdate: health'
    Kind: 'standard'
    Enabled: true
    // Each place every five minutes: about one request a minute.
    Frequency: 300
    Timeout: 30
    RetryEnabled: true
    Locations: [for place in places: { Id: place }]
    Request: {
      RequestUrl: healthUrl
      HttpVerb: 'GET'
      ParseDependentRequests: false
    }
    ValidationRules: {
      ExpectedHttpStatusCode: 200
      SSLCheck: true
      SSLCertRemainingLifetimeCheck: 7
      ContentValidation: {
        // A storage outage is not an HTTP error, because it is temporary.
        ContentMatch: '"problem":null'
        PassIfTextFound: true
      }
    }
  }
}

resource alert 'Microsoft.Insights/metricAlerts@2018-03-01' = {
  name: 'alert-health-${token}'
  location: 'global'
  tags: tags
  properties: {
    description: 'Three of five places cannot get a good answer from the health page. Runbook: docs/runbook.md, "Sorry, there was a problem".'
    severity: 1
    enabled: true
    scopes: [test.id, insightsId]
    evaluationFrequency: 'PT1M'
    windowSize: 'PT5M'
    criteria: {
      'odata.type': 'Microsoft.Azure.Monitor.WebtestLocationAvailabilityCriteria'
      webTestId: test.id
      componentId: insightsId
      failedLocationCount: 3
    }
    autoMitigate: true
    actions: [for id in actionGroupIds: { actionGroupId: id }]
  }
}
