// The function app: Flex Consumption, which runs a custom handler without a container.
param token string
param location string
param tags object
param identityId string
param identityClientId string
param hostBlobUri string
param hostTableUri string
param deploymentContainerUri string
param siteBlobUri string
param tokensSecretUri string
// A setting that refers to a missing secret is invalid: these say whether the secret exists.
param notify bool
param notifySecretUri string
param heartbeat bool
param heartbeatSecretUri string
param insightsConnectionString string
param alwaysReadyInstances int
param pageUrl string
param settings object

resource plan 'Microsoft.Web/serverfarms@2025-03-01' = {
  // checkov:skip=CKV_AZURE_225: zones double the always-ready instances; the page stays up without the function
  name: 'plan-${token}'
  location: location
  tags: tags
  kind: 'functionapp'
  sku: {
    name: 'FC1'
    tier: 'FlexConsumption'
  }
  properties: {
    // Linux.
    reserved: true
  }
}

resource app 'Microsoft.Web/sites@2025-03-01' = {
  // checkov:skip=CKV_AZURE_222: Teams calls from the internet; every message is signed
  // checkov:skip=CKV_AZURE_17: Teams sends no client certificate
  // checkov:skip=CKV_AZURE_78: Flex Consumption has no FTP, and refuses the setting that would switch it off
  // checkov:skip=CKV_AZURE_212: Flex Consumption sets instances in functionAppConfig
  // checkov:skip=CKV_AZURE_213: Flex Consumption has no health check setting; the host checks by itself
  name: 'func-${token}'
  location: location
  // azd finds the target of azure.yaml's service by this tag.
  tags: union(tags, { 'azd-service-name': 'status-update' })
  kind: 'functionapp,linux'
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: { '${identityId}': {} }
  }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    publicNetworkAccess: 'Enabled'
    // Without it, Key Vault references use the system-assigned identity, which does not exist.
    keyVaultReferenceIdentity: identityId
    siteConfig: {
      http20Enabled: true
      minTlsVersion: '1.2'
      scmMinTlsVersion: '1.2'
    }
    functionAppConfig: {
      deployment: {
        storage: {
          type: 'blobContainer'
          value: deploymentContainerUri
          authentication: {
            type: 'UserAssignedIdentity'
            userAssignedIdentityResourceId: identityId
          }
        }
      }
      runtime: {
        name: 'custom'
        version: '1.0'
      }
      scaleAndConcurrency: {
        // The smallest size; the program itself needs about 12 MB.
        instanceMemoryMB: 512
        maximumInstanceCount: 40
        alwaysReady: alwaysReadyInstances > 0
          ? [
              {
                name: 'http'
                instanceCount: alwaysReadyInstances
              }
            ]
          : []
        // One process keeps the state in memory, so one instance handles a burst best.
        triggers: { http: { perInstanceConcurrency: 100 } }
      }
    }
  }
}

var workflowSetting = notify ? { STATUS_NOTIFY_URL: '@Microsoft.KeyVault(SecretUri=${notifySecretUri})' } : {}
var heartbeatSetting = heartbeat ? { STATUS_HEARTBEAT_URL: '@Microsoft.KeyVault(SecretUri=${heartbeatSecretUri})' } : {}
var secretAddresses = union(workflowSetting, heartbeatSetting)

// These replace all settings of the app, so that the app has exactly these.
resource appSettings 'Microsoft.Web/sites/config@2025-03-01' = {
  // These are application settings; the checks below expect different kinds of configuration.
  // checkov:skip=CKV_AZURE_13: Teams cannot sign in; every message is signed
  // checkov:skip=CKV_AZURE_63: requests go to Application Insights
  // checkov:skip=CKV_AZURE_65: errors go to Application Insights
  // checkov:skip=CKV_AZURE_66: failed requests go to Application Insights
  // checkov:skip=CKV_AZURE_80: no .NET runs here
  // checkov:skip=CKV_AZURE_88: the package comes from a blob container
  // checkov:skip=CKV_AZURE_222: see the app above
  parent: app
  name: 'appsettings'
  properties: union(settings, secretAddresses, {
    // The host's own page at its root is 150 kB of advertising for Azure.
    AzureWebJobsDisableHomepage: 'true'
    AzureWebJobsStorage__credential: 'managedidentity'
    AzureWebJobsStorage__clientId: identityClientId
    AzureWebJobsStorage__blobServiceUri: hostBlobUri
    AzureWebJobsStorage__tableServiceUri: hostTableUri
    APPLICATIONINSIGHTS_CONNECTION_STRING: insightsConnectionString
    APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${identityClientId};Authorization=AAD'
    AZURE_CLIENT_ID: identityClientId
    STATUS_STORAGE: siteBlobUri
    STATUS_PUBLIC_URL: pageUrl
    STATUS_WEBHOOK_TOKENS: '@Microsoft.KeyVault(SecretUri=${tokensSecretUri})'
  })
}

// Deployments sign in with Entra; user name and password are switched off. One at a time, and after
// the settings: the platform refuses a second change of an app while one is in progress.
resource publishingByFtp 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2025-03-01' = {
  parent: app
  name: 'ftp'
  properties: { allow: false }
  dependsOn: [appSettings]
}

resource publishingByScm 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2025-03-01' = {
  parent: app
  name: 'scm'
  properties: { allow: false }
  dependsOn: [publishingByFtp]
}

output id string = app.id
output name string = app.name
output url string = 'https://${app.properties.defaultHostName}'
