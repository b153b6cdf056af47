// The secrets: the webhook tokens, and the addresses of the Teams workflow and of the dead man's
// switch. The app reads them by reference, so its settings show none.
param name string
param location string
param tags object
param principalId string
@secure()
param webhookTokens string
@secure()
param notifyUrl string
@secure()
param heartbeatUrl string

// Key Vault Secrets User
var secretsUserRoleId = '4633458b-17de-408a-b874-0445c86b69e6'
var tokensName = 'status-webhook-tokens'
var notifyName = 'status-notify-url'
var heartbeatName = 'status-heartbeat-url'

resource vault 'Microsoft.KeyVault/vaults@2025-05-01' = {
  // checkov:skip=CKV_AZURE_109: references are resolved from the platform's addresses, which no firewall rule can name
  // checkov:skip=CKV_AZURE_189: the app has no virtual network; every request needs an Entra token and a role
  // checkov:skip=CKV_AZURE_110: a lost token is replaced in Teams in a minute, and without purge protection azd down --purge leaves nothing
  // checkov:skip=CKV_AZURE_42: soft delete keeps it for seven days; for purge protection see the line above
  name: name
  location: location
  tags: tags
  properties: {
    tenantId: tenant().tenantId
    sku: {
      family: 'A'
      name: 'standard'
    }
    enableRbacAuthorization: true
    enableSoftDelete: true
    softDeleteRetentionInDays: 7
    publicNetworkAccess: 'Enabled'
    networkAcls: {
      bypass: 'AzureServices'
      defaultAction: 'Allow'
    }
  }
}

// Only if there is a value: a later deployment without the tokens keeps them.
resource tokens 'Microsoft.KeyVault/vaults/secrets@2025-05-01' = if (!empty(webhookTokens)) {
  // checkov:skip=CKV_AZURE_41: Teams' tokens do not expire, and a page that stops on a date serves nobody
  // checkov:skip=CKV_AZURE_114: contentType is set; the check does not see it in a resource with a condition
  parent: vault
  name: tokensName
  properties: {
    value: webhookTokens
    contentType: 'Security tokens of Teams outgoing webhooks, separated by commas'
  }
}

// The same for the workflow's address.
resource notify 'Microsoft.KeyVault/vaults/secrets@2025-05-01' = if (!empty(notifyUrl)) {
  // checkov:skip=CKV_AZURE_41: the address does not expire, and reminders that stop on a date serve nobody
  // checkov:skip=CKV_AZURE_114: contentType is set; the check does not see it in a resource with a condition
  parent: vault
  name: notifyName
  properties: {
    value: notifyUrl
    contentType: 'Address of a Teams workflow, which is its own key'
  }
}

// The same for the dead man's switch's address.
resource heartbeat 'Microsoft.KeyVault/vaults/secrets@2025-05-01' = if (!empty(heartbeatUrl)) {
  // checkov:skip=CKV_AZURE_41: the address does not expire, and a switch that stops on a date would raise a false alarm
  // checkov:skip=CKV_AZURE_114: contentType is set; the check does not see it in a resource with a condition
  parent: vault
  name: heartbeatName
  properties: {
    value: heartbeatUrl
    contentType: 'Address of a dead man\'s switch, which is its own key'
  }
}

resource reader 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(vault.id, principalId, secretsUserRoleId)
  scope: vault
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', secretsUserRoleId)
    principalId: principalId
    principalType: 'ServicePrincipal'
  }
}

output name string = vault.name
// Without a version, so that a new one is picked up; with the slash, as in the documentation of Key
// Vault references.
output tokensSecretUri string = '${vault.properties.vaultUri}secrets/${tokensName}/'
output notifySecretUri string = '${vault.properties.vaultUri}secrets/${notifyName}/'
output heartbeatSecretUri string = '${vault.properties.vaultUri}secrets/${heartbeatName}/'
