/**
 * Whether a webhook's scope covers an image: `repo:tag`, `repo:*` for every tag, `repo` for its tag latest, and
 * nothing for everything (https://learn.microsoft.com/azure/container-registry/container-registry-webhook).
 */
export function scopeCovers(
  scope: string | undefined,
  image: { repository: string; tag?: string | undefined },
): boolean {
  if (scope === undefined || scope === '') return true;
  const colon = scope.indexOf(':');
  const repository = colon < 0 ? scope : scope.slice(0, colon);
  const tag = colon < 0 ? 'latest' : scope.slice(colon + 1);
  return repository === image.repository && (tag === '*' || tag === image.tag);
}
