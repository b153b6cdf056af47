// StatusUpdate on Azure: a function app that Teams calls, a storage account that serves the page
// without it, and the monitoring of both. docs/deploying.md explains the choices.
targetScope = 'subscription'

@minLength(1)
// The maximum length that azd allows. Most names are derived from a hash of it.
@maxLength(64)
@description('Name of the environment. Every other name is derived from it.')
param environmentName string

// The regions with Flex Consumption, from Microsoft's own templates; azd offers only these. The
// current list: az functionapp list-flexconsumption-locations
@allowed([
  'australiaeast'
  'australiasoutheast'
  'brazilsouth'
  'canadacentral'
  'centralindia'
  'centralus'
  'eastasia'
  'eastus'
  'eastus2'
  'francecentral'
  'germanywestcentral'
  'italynorth'
  'japaneast'
  'koreacentral'
  'northcentralus'
  'northeurope'
  'norwayeast'
  'southafricanorth'
  'southcentralus'
  'southeastasia'
  'southindia'
  'spaincentral'
  'swedencentral'
  'uaenorth'
  'uksouth'
  'ukwest'
  'westcentralus'
  'westeurope'
  'westus'
  'westus2'
  'westus3'
])
@metadata({ azd: { type: 'location' } })
@description('Region of all resources.')
param location string

@description('Resource group; empty: rg-ENVIRONMENT.')
param resourceGroupName string = ''

@secure()
@description('Security tokens of the outgoing webhooks, in base64, separated by commas. Empty leaves the key vault as it is: the first deployment has none, because Teams shows a token only once it knows the address.')
param webhookTokens string = ''

@description('Whether the app posts into a channel through a Teams workflow, whose address is in the key vault.')
param notify bool = false

@secure()
@description('The address of the Teams workflow. Empty leaves the key vault as it is.')
param notifyUrl string = ''

@description('Whether the app calls a dead man\'s switch, whose address is in the key vault.')
param heartbeat bool = false

@secure()
@description('The address of the dead man\'s switch. Empty leaves the key vault as it is.')
param heartbeatUrl string = ''

@minValue(0)
@maxValue(10)
@description('Instances kept warm for HTTP. Teams waits five seconds, and a cold start can take most of them: 1 answers reliably for the price of 0.5 GB around the clock; 0 has no idle cost and loses an answer now and then, never a record.')
param alwaysReadyInstances int = 1

@description('Addresses that get an e-mail when publishing lags or the function fails, separated by commas.')
param alertEmails string = ''

@description('Requests the health page from five places, each every five minutes, and alerts when three of them get no good answer. It costs per request: docs/deploying.md.')
param availabilityTest bool = false

@description('Creates an Azure Monitor workbook about the service itself: publishing, failures, commands, deliveries.')
param workbook bool = false

@allowed(['', 'LRS', 'ZRS', 'GRS', 'GZRS', 'RAGRS', 'RAGZRS'])
@description('Redundancy of the site\'s account. Empty: ZRS, which survives the loss of a data centre, or LRS in regions without zones. RAGZRS, or RAGRS without zones, adds a readable second region.')
param siteRedundancy string = ''

@minValue(0)
@maxValue(146000)
@description('Days for which nobody, the owner included, can change or delete a record of the log; 0 for no policy. It starts unlocked: docs/deploying.md explains how to lock it.')
param logImmutabilityDays int = 0

@minValue(1)
@maxValue(365)
@description('Days for which deleted and overwritten blobs can be restored.')
param recoveryDays int = 30

@description('Lets the program delete old copies of erased texts before recoveryDays are over: allows permanent deletion, and gives the app the role Storage Blob Data Owner on the containers.')
param permanentDelete bool = false

@description('Address that visitors use, if your own proxy or CDN is in front of the page. Empty: the custom domain, else the storage account\'s address.')
param publicUrl string = ''

@description('Puts Azure Front Door in front of the page: HTTPS on a domain of your own, for a monthly base fee.')
param frontDoor bool = false

@description('Host name of the page such as status.example.com. It takes effect with frontDoor.')
param customDomain string = ''

@description('Further settings of the program by their names in docs/settings.md, such as STATUS_ALLOWED_TENANTS. An empty value counts as none.')
param settings object = {}

var token = toLower(uniqueString(subscription().id, environmentName, location))
// azd finds its resources by this tag.
var tags = { 'azd-env-name': environmentName }
// Regions without availability zones, which offer neither ZRS nor GZRS.
var regionsWithoutZones = ['australiasoutheast', 'northcentralus', 'southindia', 'ukwest', 'westcentralus', 'westus']
var redundancyOfRegion = contains(regionsWithoutZones, location) ? 'LRS' : 'ZRS'
var hasDomain = frontDoor && !empty(customDomain)
var pageUrl = !empty(publicUrl)
  ? publicUrl
  : hasDomain ? 'https://${customDomain}' : frontDoor ? door!.outputs.endpointUrl : site.outputs.webUrl

resource group 'Microsoft.Resources/resourceGroups@2025-04-01' = {
  name: empty(resourceGroupName) ? 'rg-${environmentName}' : resourceGroupName
  location: location
  tags: tags
}

module identity 'modules/identity.bicep' = {
  scope: group
  params: {
    name: 'id-${token}'
    location: location
    tags: tags
  }
}

module monitoring 'modules/monitoring.bicep' = {
  scope: group
  params: {
    token: token
    location: location
    tags: tags
    principalId: identity.outputs.principalId
  }
}

module hostStorage 'modules/host-storage.bicep' = {
  scope: group
  params: {
    name: 'sthost${token}'
    location: location
    tags: tags
    principalId: identity.outputs.principalId
  }
}

module site 'modules/site-storage.bicep' = {
  scope: group
  params: {
    name: 'stsite${token}'
    location: location
    tags: tags
    principalId: identity.outputs.principalId
    redundancy: empty(siteRedundancy) ? redundancyOfRegion : siteRedundancy
    recoveryDays: recoveryDays
    permanentDelete: permanentDelete
    logImmutabilityDays: logImmutabilityDays
  }
}

module vault 'modules/vault.bicep' = {
  scope: group
  params: {
    name: 'kv-${token}'
    location: location
    tags: tags
    principalId: identity.outputs.principalId
    webhookTokens: webhookTokens
    notifyUrl: notifyUrl
    heartbeatUrl: heartbeatUrl
  }
}

module door 'modules/front-door.bicep' = if (frontDoor) {
  scope: group
  params: {
    token: token
    tags: tags
    originHost: site.outputs.webHost
    customDomain: customDomain
  }
}

module app 'modules/app.bicep' = {
  scope: group
  params: {
    token: token
    location: location
    tags: tags
    identityId: identity.outputs.id
    identityClientId: identity.outputs.clientId
    hostBlobUri: hostStorage.outputs.blobUri
    hostTableUri: hostStorage.outputs.tableUri
    deploymentContainerUri: hostStorage.outputs.deploymentContainerUri
    siteBlobUri: site.outputs.blobUri
    tokensSecretUri: vault.outputs.tokensSecretUri
    notify: notify
    notifySecretUri: vault.outputs.notifySecretUri
    heartbeat: heartbeat
    heartbeatSecretUri: vault.outputs.heartbeatSecretUri
    insightsConnectionString: monitoring.outputs.insightsConnectionString
    alwaysReadyInstances: alwaysReadyInstances
    pageUrl: pageUrl
    settings: settings
  }
}

module alerts 'modules/alerts.bicep' = {
  scope: group
  params: {
    token: token
    location: location
    tags: tags
    insightsId: monitoring.outputs.insightsId
    workspaceId: monitoring.outputs.workspaceId
    emails: filter(split(replace(alertEmails, ' ', ''), ','), address => !empty(address))
  }
}

module availability 'modules/availability.bicep' = if (availabilityTest) {
  scope: group
  params: {
    token: token
    location: location
    tags: tags
    insightsId: monitoring.outputs.insightsId
    healthUrl: '${app.outputs.url}/api/health'
    actionGroupIds: alerts.outputs.actionGroupIds
  }
}

module book 'modules/workbook.bicep' = if (workbook) {
  scope: group
  params: {
    token: token
    location: location
    tags: tags
    insightsId: monitoring.outputs.insightsId
  }
}

// azd keeps outputs as variables of the environment, for hooks and for `azd env get-value`.
@description('The page\'s address.')
output PAGE_URL string = pageUrl
@description('The webhook\'s address.')
output WEBHOOK_URL string = '${app.outputs.url}/api/status-update'
output AZURE_RESOURCE_GROUP string = group.name
output FUNCTION_APP_NAME string = app.outputs.name
output FUNCTION_APP_ID string = app.outputs.id
@description('The account that the app is deployed to.')
output HOST_STORAGE_ID string = hostStorage.outputs.id
output SITE_STORAGE_ACCOUNT string = site.outputs.name
output KEY_VAULT_NAME string = vault.outputs.name
output APPLICATION_INSIGHTS string = monitoring.outputs.insightsName
@description('Whether the storage service applied the static website from this template; if not, the postprovision hook switches it on.')
output STATIC_WEBSITE_DECLARED bool = site.outputs.staticWebsiteDeclared
@description('The records that a custom domain needs in DNS; empty without one.')
output DNS_RECORDS string = frontDoor ? door!.outputs.dnsRecords : ''
