import { createPublicKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { z } from 'zod';

const maxFileBytes = 1024 * 1024;

/** A file that is no secret, read when the configuration is loaded, so that what counts is what was there then. */
const FileText = z.strictObject({ file: z.string().min(1) }).transform(({ file }, context): string => {
  try {
    const bytes = readFileSync(file);
    if (bytes.length <= maxFileBytes) return bytes.toString('utf8');
    context.addIssue({ code: 'custom', message: `the file ${file} holds more than ${maxFileBytes} bytes` });
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    context.addIssue({ code: 'custom', message: `the file ${file} cannot be read (${code})` });
  }
  return z.NEVER;
});

const PublicKey = z
  .union([FileText, z.string().startsWith('-----BEGIN PUBLIC KEY-----')], {
    error: 'is not a public key: write { file: path }, or the PEM text itself',
  })
  .transform((pem, context) => {
    try {
      return createPublicKey(pem).export({ type: 'spki', format: 'pem' }) as string;
    } catch {
      context.addIssue({
        code: 'custom',
        message: 'is not a public key in PEM, as cosign writes into cosign.pub',
      });
      return z.NEVER;
    }
  });

const Identity = z
  .strictObject({
    issuer: z.url().describe('Whose word it is, exactly: https://token.actions.githubusercontent.com'),
    subject: z.string().min(1).max(2048).optional().describe('Who signed, exactly'),
    subjectGlob: z
      .string()
      .min(1)
      .max(2048)
      .optional()
      .describe('Who signed; * stands for anything but a slash, as in …/release.yml@refs/tags/v*'),
  })
  .refine(({ subject, subjectGlob }) => (subject === undefined) !== (subjectGlob === undefined), {
    message: 'says not, or twice, who signed: give it subject or subjectGlob',
  });
export type Identity = z.output<typeof Identity>;

const TrustRoot = FileText.transform((text, context): unknown => {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    context.addIssue({ code: 'custom', message: 'is not JSON: write the path of a trusted_root.json' });
    return z.NEVER;
  }
});

/** Whose signatures count. */
export const Signers = z
  .strictObject({
    keys: z.array(PublicKey).min(1).max(100).optional().describe('Public keys; any of them'),
    keyless: z
      .strictObject({
        trustRoot: TrustRoot.describe('The trusted_root.json of Sigstore, or of your own Fulcio and Rekor'),
        identities: z.array(Identity).min(1).max(1000),
      })
      .optional()
      .describe('Certificates of these identities, checked without asking anybody'),
  })
  .refine(({ keys, keyless }) => keys !== undefined || keyless !== undefined, {
    message: 'trusts nobody: give it keys or keyless',
  });
export type Signers = z.output<typeof Signers>;
