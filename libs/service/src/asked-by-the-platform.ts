/** Whether a path is one that the platform asks for every few seconds, of which neither logs nor traces tell. */
export function isAskedByThePlatform(path: string): boolean {
  return path.startsWith('/health/') || path === '/metrics';
}
