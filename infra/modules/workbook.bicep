// A workbook about the service itself: four queries on its log.
param token string
param location string
param tags object
param insightsId string

var questions = [
  {
    title: 'Publishing: the slowest of twenty, in milliseconds'
    query: loadTextContent('../workbook/publishing.kql')
    visualization: 'timechart'
  }
  {
    title: 'Publishing lags, or failed'
    query: loadTextContent('../queries/publishing-lags.kql')
    visualization: 'table'
  }
  {
    title: 'Failures'
    query: loadTextContent('../queries/function-fails.kql')
    visualization: 'table'
  }
  {
    title: 'Commands'
    query: loadTextContent('../workbook/commands.kql')
    visualization: 'table'
  }
  {
    title: 'Deliveries'
    query: loadTextContent('../workbook/deliveries.kql')
    visualization: 'table'
  }
]

var shown = [
  for (question, index) in questions: {
    type: 3
    name: 'question ${index + 1}'
    content: {
      version: 'KqlItem/1.0'
      title: question.title
      query: question.query
      size: 0
      queryType: 0
      resourceType: 'microsoft.insights/components'
      visualization: question.visualization
      timeContext: { durationMs: 86400000 }
    }
  }
]

resource workbook 'Microsoft.Insights/workbooks@2023-06-01' = {
  name: guid(token, 'workbook')
  location: location
  tags: tags
  kind: 'shared'
  properties: {
    displayName: 'StatusUpdate: how the service is'
    category: 'workbook'
    version: 'Notebook/1.0'
    sourceId: insightsId
    serializedData: string({
      version: 'Notebook/1.0'
      items: shown
      fallbackResourceIds: [insightsId]
    })
  }
}
