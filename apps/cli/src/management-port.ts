import { UsageError } from './usage-error.js';
import type { VerbOption } from './verb.js';

/** The option of the verbs that use the administration API of a broker. */
export const managementPortOption = {
  type: 'string',
  value: 'PORT',
  help: 'where a development emulator has its administration API; Microsoft’s has it at 5300, Pratique’s has none',
} as const satisfies VerbOption;

/** @throws UsageError */
export function managementPort(value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  const port = Number(value);
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
  throw new UsageError(`--management-port must be a port from 1 to 65535, not "${value}"`);
}
