// Alerts on the log. Each query is a file of its own in infra/queries: change it there.
param token string
param location string
param tags object
param insightsId string
param workspaceId string
param emails string[]

// For each alert: the query, its frequency and time window, and the result that fires it. In a
// sampled log, an item stands for `itemCount` of its kind.
var rules = [
  {
    name: 'publishing-lags'
    display: 'StatusUpdate: the page lags behind what was recorded'
    description: 'Publishing was late or failed twice within a quarter of an hour. Runbook: docs/runbook.md, "The page is stale".'
    scope: insightsId
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
    scope: insightsId
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
    scope: insightsId
    query: loadTextContent('../queries/timer-silent.kql')
    every: 'PT5M'
    window: 'PT15M'
    // The longest that Azure allows. An app that has been silent for longer has been reported.
    looksBack: 'P2D'
    counted: null
    threshold: 1
    severity: 2
  }
  {
    name: 'log-capped'
    display: 'StatusUpdate: the log has reached its daily cap'
    description: 'Nothing more is stored until the cap is reset, so the other alerts on the log cannot fire, and "the timer has not run" may fire without cause. Runbook: docs/runbook.md, "The log has reached its daily cap".'
    scope: workspaceId
    query: loadTextContent('../queries/log-capped.kql')
    every: 'PT15M'
    // Longer than the pause, because this line arrives late too.
    window: 'PT1H'
    looksBack: null
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

var actionGroups = empty(emails) ? [] : [people.id]

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
      scopes: [rule.scope]
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
      actions: { actionGroups: actionGroups }
    }
  }
]

output actionGroupIds string[] = actionGroups
