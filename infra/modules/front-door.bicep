// HTTPS on a custom domain: the storage account's own endpoint has no certificate for it.
param token string
param tags object
param originHost string
param customDomain string

resource profile 'Microsoft.Cdn/profiles@2024-02-01' = {
  name: 'afd-${token}'
  location: 'global'
  tags: tags
  sku: { name: 'Standard_AzureFrontDoor' }
}

resource endpoint 'Microsoft.Cdn/profiles/afdEndpoints@2024-02-01' = {
  parent: profile
  name: 'status-${token}'
  location: 'global'
  tags: tags
  properties: { enabledState: 'Enabled' }
}

// No health probes: with one origin they change nothing, and every point of presence would send them.
resource origins 'Microsoft.Cdn/profiles/originGroups@2024-02-01' = {
  parent: profile
  name: 'site'
  properties: {
    loadBalancingSettings: {
      sampleSize: 4
      successfulSamplesRequired: 3
    }
  }
}

resource origin 'Microsoft.Cdn/profiles/originGroups/origins@2024-02-01' = {
  parent: origins
  name: 'storage'
  properties: {
    hostName: originHost
    originHostHeader: originHost
    httpPort: 80
    httpsPort: 443
    enforceCertificateNameCheck: true
    enabledState: 'Enabled'
  }
}

resource domain 'Microsoft.Cdn/profiles/customDomains@2024-02-01' = if (!empty(customDomain)) {
  parent: profile
  name: replace(empty(customDomain) ? 'none' : customDomain, '.', '-')
  properties: {
    hostName: customDomain
    tlsSettings: {
      certificateType: 'ManagedCertificate'
      minimumTlsVersion: 'TLS12'
    }
  }
}

// Nothing is cached here: the page's own headers control caching.
resource route 'Microsoft.Cdn/profiles/afdEndpoints/routes@2024-02-01' = {
  parent: endpoint
  name: 'all'
  properties: {
    originGroup: { id: origins.id }
    customDomains: empty(customDomain) ? [] : [{ id: domain.id }]
    supportedProtocols: ['Http', 'Https']
    patternsToMatch: ['/*']
    forwardingProtocol: 'HttpsOnly'
    httpsRedirect: 'Enabled'
    linkToDefaultDomain: 'Enabled'
    enabledState: 'Enabled'
  }
  dependsOn: [origin]
}

output endpointUrl string = 'https://${endpoint.properties.hostName}'
// Azure no longer has a token for a domain that it has already validated.
var validationToken = empty(customDomain) ? '' : domain!.properties.?validationProperties.?validationToken ?? ''
var txtRecord = empty(validationToken) ? '' : ' and TXT _dnsauth.${customDomain} ${validationToken}'
output dnsRecords string = empty(customDomain)
  ? ''
  : 'CNAME ${customDomain} ${endpoint.properties.hostName}${txtRecord}'
