// Three questions to the log, each in a file of its own below infra/queries: change them there.
param token string
param location string
param tags object
param insightsId string
param emails string[]

// A question, how often and over what time it is asked, and what answer is bad news.
var rules = [
  {
    name: 'publishing-lags'
    display: 'StatusUpdate: the page lags behind what was recorded'
    description: 'Publishing was late or failed twice within a quarter of an hour. Runbook: docs/runbook.md, "The page is stale".'
    query: loadTextContent('../queries/publishing-lags.kql')
    window: 'PT15M'
    operator: 'GreaterThanOrEqual'
    threshold: 2
    severity: 1
  }
  {
    name: 'function-fails'
    display: 'StatusUpdate: commands fail'
    description: 'A message from Teams was answered with an error, or that nothing was recorded. Runbook: docs/runbook.md, "Sorry, there was a problem".'
    query: loadTextContent('../queries/function-fails.kql')
    window: 'PT15M'
    operator: 'GreaterThanOrEqual'
    threshold: 1
    severity: 1
  }
  {
    name: 'timer-silent'
    display: 'StatusUpdate: the timer has not run'
    description: 'No successful run of Reconcile for half an hour; it runs every five minutes. Runbook: docs/runbook.md, "The page is stale".'
    query: loadTextContent('../queries/timer-runs.kql')
    window: 'PT30M'
    operator: 'LessThan'
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
      evaluationFrequency: 'PT5M'
      windowSize: rule.window
      criteria: {
        allOf: [
          {
            query: rule.query
            timeAggregation: 'Count'
            operator: rule.operator
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
      actions: { actionGroups: empty(emails) ? [] : [people.id] }
    }
  }
]
