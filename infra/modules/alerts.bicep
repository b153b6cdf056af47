// Three questions to the log, each in a file of its own below infra/queries: change them there.
param token string
param location string
param tags object
param insightsId string
param emails string[]
@description('The action group that makes incidents of alerts; empty: none.')
param incidentsId string

// A question, how often it is asked and of what time, and what answer is bad news. Where the log is
// sampled, an item stands for `itemCount` of its kind.
var rules = [
  {
    name: 'publishing-lags'
    display: 'StatusUpdate: the page lags behind what was recorded'
    description: 'Publishing was late or failed twice within a quarter of an hour. Runbook: docs/runbook.md, "The page is stale".'
    query: loadTextContent('../queries/publishing-lags.kql')
    every: 'PT5M'
    window: 'PT15M'
    looksBack: null
    counted: 'itemCount'
    threshold: 2
    severity: 1
  }
  {
    name: 'function-fails'
    display: 'StatusUpdate: commands fail'
    description: 'A message from Teams was answered with an error, or that nothing was recorded. Runbook: docs/runbook.md, "Sorry, there was a problem".'
    query: loadTextContent('../queries/function-fails.kql')
    every: 'PT5M'
    window: 'PT15M'
    looksBack: null
    counted: 'itemCount'
    threshold: 1
    severity: 1
  }
  {
    name: 'timer-silent'
    display: 'StatusUpdate: the timer has not run'
    description: 'The timer runs every minute, and for half an hour it has not. Runbook: docs/runbook.md, "The page is stale".'
    query: loadTextContent('../queries/timer-silent.kql')
    every: 'PT15M'
    window: 'PT15M'
    // The longest that Azure allows: an app that is silent for longer is no news.
    looksBack: 'P2D'
    counted: null
    threshold: 1
    severity: 2
  }
]

resource people 'Microsoft.Insights/actionGroups@2023-01-01' = if (!empty(emails)) {
  name: 'ag-${token}'
  location: 'global'
  tags: tags
  properties: {
    enabled: true
    groupShortName: 'StatusUpdate'
    emailReceivers: [
      for (address, index) in emails: {
        name: 'e-mail ${index + 1}'
        emailAddress: address
        useCommonAlertSchema: true
      }
    ]
  }
}

resource alerts 'Microsoft.Insights/scheduledQueryRules@2023-12-01' = [
  for rule in rules: {
    name: 'alert-${rule.name}-${token}'
    location: location
    tags: tags
    kind: 'LogAlert'
    properties: {
      displayName: rule.display
      description: rule.description
      severity: rule.severity
      enabled: true
      scopes: [insightsId]
      evaluationFrequency: rule.every
      windowSize: rule.window
      overrideQueryTimeRange: rule.looksBack
      criteria: {
        allOf: [
          {
            query: rule.query
            timeAggregation: rule.counted == null ? 'Count' : 'Total'
            metricMeasureColumn: rule.counted
            operator: 'GreaterThanOrEqual'
            threshold: rule.threshold
            failingPeriods: {
              numberOfEvaluationPeriods: 1
              minFailingPeriodsToAlert: 1
            }
          }
        ]
      }
      autoMitigate: true
      // The table exists only once the app has written its first line.
      skipQueryValidation: true
      actions: {
        actionGroups: concat(empty(emails) ? [] : [people.id], empty(incidentsId) ? [] : [incidentsId])
      }
    }
  }
]
