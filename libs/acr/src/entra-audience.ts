/**
 * The resource for which a registry wants its Entra token, by cloud. Azure Resource Manager's own audience works at many
 * registries too, but can be switched off: `az acr config authentication-as-arm`.
 */
export function registryAudience(host: string): string {
  const name = host.replace(/:\d+$/, '').toLowerCase();
  if (name.endsWith('.azurecr.cn')) return 'https://containerregistry.azure.cn';
  if (name.endsWith('.azurecr.us')) return 'https://containerregistry.azure.us';
  return 'https://containerregistry.azure.net';
}
