/**
 * The top-level sections of `pratique.yaml`. One file serves every service, and each service reads the sections it acts
 * on; this list lets each of them tell a section of somebody else from a misspelt one.
 */
export const sectionNames = [
  'trust',
  'registries',
  'scan',
  'scanLimits',
  'scanners',
  'promotion',
  'sync',
  'reconcile',
  'gateway',
  'messaging',
  'audit',
  'http',
  'telemetry',
  'journal',
] as const;
