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
// A setting that refers to a secret which is not there counts as wrong: these say whether there is one.
param notify bool
param notifySecretUri string
param heartbeat bool
param heartbeatSecretUri string
param insightsConnectionString string
param alwaysReadyInstances int
param pageUrl string
param settings object

resource plan 'Microsoft.Web/serverfarms@2025-03-01' = {
  // checkov:skip=CKV_AZURE_225: zones double the instances that are kept ready; the page stays up without the function
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
  // checkov:skip=CKV_AZURE_222: Teams calls from the internet; the message's signature is the lock
  // checkov:skip=CKV_AZURE_17: Teams shows no client certificate
  // checkov:skip=CKV_AZURE_78: Flex Consumption has no FTP, and refuses the setting that would switch it off
  // checkov:skip=CKV_AZURE_212: Flex Consumption counts instances in functionAppConfig
  // checkov:skip=CKV_AZURE_213: Flex Consumption has no health check setting; the host asks by itself
  name: 'func-${token}'
  location: location
  // By this tag azd knows where to deploy the service of azure.yaml.
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
    // Without it, Key Vault references are resolved as the system-assigned identity: there is none.
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
        // The smallest there is; the program itself needs about 12 MB.
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
        // One process keeps the state in memory: a burst is best answered by it alone.
        triggers: { http: { perInstanceConcurrency: 100 } }
      }
    }
  }
}

var workflowSetting = notify ? { STATUS_NOTIFY_URL: '@Microsoft.KeyVault(SecretUri=${notifySecretUri})' } : {}
var heartbeatSetting = heartbeat ? { STATUS_HEARTBEAT_URL: '@Microsoft.KeyVault(SecretUri=${heartbeatSecretUri})' } : {}
var secretAddresses = union(workflowSetting, heartbeatSetting)

// These replace all settings of the app, so that what stands here is what runs.
resource appSettings 'Microsoft.Web/sites/config@2025-03-01' = {
  // These are application settings; the checks below look for other kinds of configuration in them.
  // checkov:skip=CKV_AZURE_13: Teams cannot sign in; the message's signature is the lock
  // checkov:skip=CKV_AZURE_63: requests go to Application Insights
  // checkov:skip=CKV_AZURE_65: errors go to Application Insights
  // checkov:skip=CKV_AZURE_66: failed requests go to Application Insights
  // checkov:skip=CKV_AZURE_80: no .NET runs here
  // checkov:skip=CKV_AZURE_88: the package comes from a blob container
  // checkov:skip=CKV_AZURE_222: see the app above
  parent: app
  name: 'appsettings'
  properties: union(settings, secretAddresses, {
    // The page that the host shows at its root is 150 kB of advertisement for Azure.
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

// Publishing is signed in with Entra: no user name and password besides. One at a time, and after
// the settings: the platform answers a second change of an app with a conflict while one is under way.
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
