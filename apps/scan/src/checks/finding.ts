import { z } from 'zod';

/** How bad a scanner says that something is, from the least to the worst; `unknown` says nothing, and so may be anything. */
export const severities = ['unknown', 'negligible', 'low', 'medium', 'high', 'critical'] as const;
export const FindingSeverity = z.enum(severities);
export type FindingSeverity = z.infer<typeof FindingSeverity>;

/** What is wrong, where, in a sentence. */
export const Finding = z.object({
  /** What kind of thing it is, stable: exceptions name it. `aws-access-key`, `runs-as-root`, `CVE-2026-1234`. */
  id: z.string().max(128),
  message: z.string().max(4096),
  /** What would make it pass, as a sentence; at most 200 characters. */
  mend: z.string().max(200),
  /** Where whoever found it gave one. */
  severity: FindingSeverity.exactOptional(),
  path: z.string().exactOptional(),
  /** Digest of the layer. */
  layer: z.string().exactOptional(),
  /** From 1. */
  line: z.int().min(1).exactOptional(),
  /** The package that it is about, as the scanner calls it. */
  package: z.string().exactOptional(),
  /** Where to read more. Comes from outside: show it, do not follow it. */
  link: z.string().max(2048).exactOptional(),
});
export type Finding = z.infer<typeof Finding>;
