import { AcrSettings, azureName } from './acr-settings.js';
import { hearAcrNotification } from './acr-notification.js';
import { Refusal } from './refusal.js';
import { defineRegistry } from './registry.js';
import { verifyHeaderSecret } from './verification/header-secret.js';
import { readWebhookJson } from './webhook-json.js';

/** Azure Container Registry, by its own webhooks. */
export const acr = defineRegistry({
  kind: 'acr',
  settings: AcrSettings,
  manual: {
    title: 'Azure Container Registry',
    documentation: [
      'https://learn.microsoft.com/azure/container-registry/container-registry-webhook-reference',
      'https://learn.microsoft.com/azure/container-registry/container-registry-webhook',
    ],
    proof:
      'It signs nothing; it can only send headers that the operator chose, and one of them holds the secret.',
    peculiarities: [
      'It tries once, for five seconds, and never again: whatever is not accepted is gone. Where that matters, use Event Grid (the kind `acr-event-grid`).',
      'With the quarantine policy on, a push is told as `quarantine`; `push` follows when the image is released.',
      '`delete` tells of a manifest or a repository, without a tag; taking away only a tag is not told at all.',
      'Webhooks belong to a region of a geo-replicated registry: one push can be told once by each, with different ids.',
      '`ping`, `chart_push` and `chart_delete` are of no interest.',
    ],
    example: `- name: vendor
  kind: acr
  host: vendor.azurecr.io
  webhook:
    secret: { env: VENDOR_WEBHOOK_SECRET }`,
    setUp: ({ address, host }) => `\`\`\`sh
az acr webhook create --registry ${azureName(host)} --name pratique \\
  --actions push delete quarantine \\
  --uri ${address} \\
  --headers "Authorization=Bearer <secret>"
\`\`\``,
  },
  webhook: {
    afterRefusal: 'gives-up',
    verify: (request, settings) => verifyHeaderSecret(request, settings.webhook),
    normalise: ({ body, receivedAt }, { name }) => {
      const json = readWebhookJson(body);
      return json instanceof Refusal ? json : hearAcrNotification(json.value, { registry: name, receivedAt });
    },
  },
});
