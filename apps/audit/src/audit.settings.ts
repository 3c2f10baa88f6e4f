import { SecretReference } from '@pratique/config';
import { MessagingSettings } from '@pratique/messaging';
import { HttpSettings } from '@pratique/service';
import { TelemetrySettings } from '@pratique/telemetry';
import { z } from 'zod';

const PostgresDatabase = z.strictObject({
  /** `postgresql://user:password@host:5432/database`, as a secret because it holds the password. */
  url: SecretReference,
});

const EmbeddedDatabase = z.strictObject({
  /** A folder of PostgreSQL's files, used by this one process only. */
  folder: z.string().min(1),
});

/** Nothing is kept when the process ends: for tests and for looking around. */
const MemoryDatabase = z.strictObject({ memory: z.literal(true) });

export const DatabaseSettings = z.union([PostgresDatabase, EmbeddedDatabase, MemoryDatabase], {
  error: 'must say where the entries are kept: { url: { env: NAME } }, { folder: path } or { memory: true }',
});
export type DatabaseSettings = z.output<typeof DatabaseSettings>;

/** The section `audit` of `pratique.yaml`. */
export const AuditSettings = z.strictObject({ database: DatabaseSettings });
export type AuditSettings = z.output<typeof AuditSettings>;

/** The sections that audit reads. */
export const AuditConfig = z.object({
  audit: AuditSettings,
  messaging: MessagingSettings,
  http: HttpSettings,
  telemetry: TelemetrySettings,
});
export type AuditConfig = z.output<typeof AuditConfig>;
