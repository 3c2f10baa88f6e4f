/**
 * Requests that registries count apart. ACR counts reads and writes, and gives the referrers API a budget of its own that is
 * far lower.
 */
export type RequestKind = 'read' | 'write' | 'referrers';

export function requestKind({ method, operation }: { method: string; operation: string }): RequestKind {
  if (operation === 'list-referrers') return 'referrers';
  return method === 'GET' || method === 'HEAD' ? 'read' : 'write';
}
