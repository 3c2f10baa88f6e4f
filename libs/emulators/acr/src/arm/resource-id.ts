/** Which registry a resource id names. */
export interface RegistryResource {
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  readonly registryName: string;
}

const grammar =
  /^\/subscriptions\/([^/]+)\/resourceGroups\/([^/]+)\/providers\/Microsoft\.ContainerRegistry\/registries\/([^/]+)$/i;

export function formatResourceId({ subscriptionId, resourceGroup, registryName }: RegistryResource): string {
  return (
    `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}` +
    `/providers/Microsoft.ContainerRegistry/registries/${registryName}`
  );
}

/** Reads a resource id; undefined for one of another kind of resource. */
export function parseResourceId(text: string): RegistryResource | undefined {
  const [, subscriptionId, resourceGroup, registryName] = grammar.exec(text) ?? [];
  if (subscriptionId === undefined || resourceGroup === undefined || registryName === undefined)
    return undefined;
  return { subscriptionId, resourceGroup, registryName };
}

/** Resource Manager does not tell upper from lower case in names. */
export function sameName(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}
