import type { Digest } from '@pratique/contracts';
import { z } from 'zod';
import { plainPurl, purlVersion } from './purl.js';

export const openVexPredicate = 'https://openvex.dev/ns';

const Word = z.string().min(1).max(2048);

/** A product, or a part of one; older documents write its id alone. */
const Thing = z
  .union([
    z.object({
      '@id': Word.optional(),
      identifiers: z.record(z.string(), Word).optional(),
      hashes: z.record(z.string(), Word).optional(),
    }),
    Word.transform((id) => ({ '@id': id, identifiers: undefined, hashes: undefined })),
  ])
  .transform(({ '@id': id, identifiers = {}, hashes = {} }) => ({
    ids: [...(id === undefined ? [] : [id]), ...Object.values(identifiers)],
    hashes: Object.values(hashes),
  }));
type Thing = z.output<typeof Thing>;

const Product = z
  .union([z.looseObject({ subcomponents: z.array(Thing).max(10_000).optional() }), Word])
  .transform((product, context) => {
    const thing = Thing.safeParse(product);
    if (!thing.success) {
      context.addIssue({ code: 'custom', message: 'is no product' });
      return z.NEVER;
    }
    return { ...thing.data, subcomponents: typeof product === 'string' ? [] : (product.subcomponents ?? []) };
  });

const Status = z.enum(['not_affected', 'affected', 'fixed', 'under_investigation']);

const Statement = z.object({
  vulnerability: z.union([
    Word.transform((name) => ({ name, aliases: [] as string[] })),
    z.object({ name: Word, aliases: z.array(Word).max(100).default([]) }),
  ]),
  products: z.array(Product).max(10_000).default([]),
  status: Status,
  justification: Word.optional(),
  timestamp: z.iso.datetime({ offset: true }).optional(),
});

/** https://github.com/openvex/spec/blob/main/OPENVEX-SPEC.md */
export const OpenVex = z.object({
  '@context': z.string().startsWith(openVexPredicate),
  timestamp: z.iso.datetime({ offset: true }),
  statements: z.array(Statement).max(50_000),
});
export type OpenVex = z.output<typeof OpenVex>;

/** What somebody says of a vulnerability in an image, less what they say of other products. */
export const VexStatement = z.object({
  /** Its id, and what else it is called. */
  vulnerabilities: z.array(z.string()),
  /** Package URLs, without qualifiers; absent when it is said of the whole image. */
  packages: z.array(z.string()).exactOptional(),
  status: Status,
  justification: z.string().exactOptional(),
  timestamp: z.string(),
  /** Who says so. */
  by: z.string(),
});
export type VexStatement = z.infer<typeof VexStatement>;

/** The statements of a document that are about an image: about the image by its digest, or about a package by its URL. */
export function statementsAbout(
  document: OpenVex,
  { digests, by }: { digests: readonly Digest[]; by: string },
): VexStatement[] {
  return document.statements.flatMap(({ vulnerability, products, status, justification, timestamp }) =>
    products.flatMap((product) => {
      const packages = packagesOf(product, digests);
      if (packages === undefined) return [];
      return [
        {
          vulnerabilities: [vulnerability.name, ...vulnerability.aliases],
          ...(packages !== 'all' && { packages }),
          status,
          ...(justification !== undefined && { justification }),
          timestamp: timestamp ?? document.timestamp,
          by,
        },
      ];
    }),
  );
}

function packagesOf(
  product: z.output<typeof Product>,
  digests: readonly Digest[],
): string[] | 'all' | undefined {
  const purls = product.ids.filter((id) => id.startsWith('pkg:') && !id.startsWith('pkg:oci/'));
  if (isImage(product, digests)) {
    if (product.subcomponents.length === 0) return 'all';
    return product.subcomponents.flatMap(({ ids }) => ids.map(plainPurl));
  }
  // Of a package as a product it is said wherever that package is.
  return purls.length > 0 && product.subcomponents.length === 0 ? purls.map(plainPurl) : undefined;
}

function isImage({ ids, hashes }: Thing, digests: readonly Digest[]): boolean {
  const named = ids.map((id) => (id.startsWith('pkg:oci/') ? purlVersion(id) : id));
  return digests.some(
    (digest) => named.includes(digest) || hashes.includes(digest.slice(digest.indexOf(':') + 1)),
  );
}
