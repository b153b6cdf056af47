// The log, the state and the page. Visitors read the page from here, with or without the function.
param name string
param location string
param tags object
param principalId string
param redundancy string
param recoveryDays int
param permanentDelete bool
param logImmutabilityDays int

// Storage Blob Data Owner: the only built-in role that may delete permanently.
var blobOwnerRoleId = 'b7e6dc6d-f1e8-4753-8033-0f276bb0955b'
// Storage Blob Data Contributor: for everything else.
var blobContributorRoleId = 'ba92f5b4-2d11-453d-a403-e96b0029c9fe'
var blobRoleId = permanentDelete ? blobOwnerRoleId : blobContributorRoleId

// The program's three containers. The static website creates `$web`; declared here, it exists in
// time for its role even if the service ignores the declaration below.
var containerNames = ['log', 'state', '$web']

resource account 'Microsoft.Storage/storageAccounts@2025-08-01' = {
  // checkov:skip=CKV_AZURE_43: main.bicep composes the name; checkov cannot follow the parameter
  // checkov:skip=CKV_AZURE_59: it serves a public page
  // checkov:skip=CKV_AZURE_35: visitors come from everywhere; log and state need an Entra token and a role
  // checkov:skip=CKV_AZURE_206: ZRS unless siteRedundancy says otherwise
  name: name
  location: location
  tags: tags
  kind: 'StorageV2'
  sku: { name: 'Standard_${redundancy}' }
  properties: {
    allowSharedKeyAccess: false
    defaultToOAuthAuthentication: true
    // The website needs no public container: its endpoint ignores access levels.
    allowBlobPublicAccess: false
    allowCrossTenantReplication: false
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
    publicNetworkAccess: 'Enabled'
    networkAcls: {
      bypass: 'AzureServices'
      defaultAction: 'Allow'
    }
  }
}

resource blobs 'Microsoft.Storage/storageAccounts/blobServices@2025-08-01' = {
  parent: account
  name: 'default'
  properties: {
    // Every command overwrites pages, and lifecycle management does not reach `$web`: versions would
    // stay there for ever. Soft delete keeps overwritten blobs too, and removes them in time.
    isVersioningEnabled: false
    deleteRetentionPolicy: {
      enabled: true
      days: recoveryDays
      allowPermanentDelete: permanentDelete
    }
    containerDeleteRetentionPolicy: {
      enabled: true
      days: recoveryDays
    }
    // The service supports this since this API version. If it ignores it, the output below says so
    // and the postprovision hook does it.
    staticWebsite: {
      enabled: true
      indexDocument: 'index.html'
      errorDocument404Path: '404.html'
    }
  }
}

// One at a time, after the declaration that creates `$web`.
@batchSize(1)
resource containers 'Microsoft.Storage/storageAccounts/blobServices/containers@2025-08-01' = [
  for container in containerNames: {
    parent: blobs
    name: container
    properties: { publicAccess: 'None' }
  }
]

// The program creates records and changes one only to erase a text, which this refuses until the
// days are over. A locked policy is no longer declared: docs/deploying.md explains why.
resource immutability 'Microsoft.Storage/storageAccounts/blobServices/containers/immutabilityPolicies@2025-08-01' = if (logImmutabilityDays > 0) {
  parent: containers[0]
  name: 'default'
  properties: {
    immutabilityPeriodSinceCreationInDays: logImmutabilityDays
    allowProtectedAppendWrites: false
  }
}

// On the containers, not on the account: the identity cannot create containers or change the
// account's settings.
resource roles 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for (container, index) in containerNames: {
    name: guid(account.id, container, principalId, blobRoleId)
    scope: containers[index]
    properties: {
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', blobRoleId)
      principalId: principalId
      principalType: 'ServicePrincipal'
    }
  }
]

output name string = account.name
output blobUri string = account.properties.primaryEndpoints.blob
// Azure's own address ends with a slash.
var webHost = split(account.properties.primaryEndpoints.web, '/')[2]
output webUrl string = 'https://${webHost}'
output webHost string = webHost
output staticWebsiteDeclared bool = blobs.properties.?staticWebsite.?enabled ?? false
