import { join } from 'node:path';

export interface SampleAddresses {
  httpPort: number;
  vendorHost: string;
  customerHost: string;
  customerResourceId: string;
  armEndpoint: string;
  /** Folder with a file for each sample secret. */
  secrets: string;
}

/** The configuration of the sample, written as a person would: `.pratique/pratique.yaml` is there to be read. */
export function sampleConfig(addresses: SampleAddresses): string {
  const secret = (name: string): string => `{ file: ${JSON.stringify(join(addresses.secrets, name))} }`;
  return `# Written by \`npm start\` for its sample registries. Copy it, and start with --config.
http: { port: ${addresses.httpPort} }

trust: [external, production] # ascending

registries:
  - name: vendor # its webhook calls POST /webhooks/vendor
    kind: acr
    host: ${addresses.vendorHost}
    plainHttp: true
    trust: external
    credentials: { username: customer-pull, password: ${secret('vendor-pull-password')} }
    webhook:
      secret: ${secret('vendor-webhook-secret')}
      repositories: ['bicep/**'] # anything else is refused and reported
  - name: customer
    kind: acr
    host: ${addresses.customerHost}
    plainHttp: true
    resourceId: ${addresses.customerResourceId}
    armEndpoint: ${addresses.armEndpoint}
    trust: production
    credentials: { identity: default }
    quarantine: true
    webhook:
      secret: ${secret('customer-webhook-secret')}

scan:
  - name: bicep-only
    registry: customer
    repositories: ['bicep/**']
    checks: [{ content: { allow: ['*.bicep'] } }]

sync:
  - name: vendor-images
    from: vendor
    to: customer
    repositories: ['bicep/**']
    when: pushed # the customer's quarantine is the gate
`;
}
