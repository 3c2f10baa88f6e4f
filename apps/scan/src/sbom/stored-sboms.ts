import { z } from 'zod';
import type { Attachments } from '../attachments/attachments.js';
import { attestedBy } from '../signatures/attested.js';
import type { Signers } from '../signatures/signers.settings.js';
import { TrustedSigners } from '../signatures/trusted-signers.js';
import { isSbomPredicate } from './find-sboms.js';
import { readParsedSbom } from './read-sbom.js';

/** As a scanner would be given it: parsed JSON of CycloneDX or SPDX. */
export type StoredSbom = object;

/**
 * The bills of materials of an image that somebody trusted has signed. Whoever may push may attach a list that leaves
 * something out, so that without a signature none counts.
 *
 * @throws OciError when the registry fails, the signal's reason when aborted
 */
export async function storedSboms(
  signers: Signers,
  attachments: Attachments,
  { maxBytes }: { maxBytes: number },
): Promise<StoredSbom[]> {
  const attested = await attestedBy(new TrustedSigners(signers), attachments, { maxBytes });
  return attested.flatMap(({ statement: { predicateType, predicate } }) =>
    isSbomPredicate(predicateType) && isSbom(predicate) ? [predicate] : [],
  );
}

function isSbom(predicate: unknown): predicate is StoredSbom {
  return 'sbom' in readParsedSbom(predicate);
}

const Named = z.object({ name: z.string() });

/** https://cyclonedx.org/docs/1.6/json/#metadata_tools: a list before 1.5, and still allowed. */
const CycloneDxTools = z
  .object({
    metadata: z.object({
      tools: z.union([
        z.array(Named),
        z.object({ components: z.array(Named) }).transform((of) => of.components),
      ]),
    }),
  })
  .transform(({ metadata }) => metadata.tools.map(({ name }) => name));

/** https://spdx.github.io/spdx-spec/v2.3/document-creation-information/#68-creator-field: `Tool: name-version`. */
const SpdxTools = z
  .object({ creationInfo: z.object({ creators: z.array(z.string()) }) })
  .transform(({ creationInfo }) =>
    creationInfo.creators.flatMap((creator) => /^Tool: ?([^-]+)-/.exec(creator)?.[1] ?? []),
  );

const Tools = z.union([CycloneDxTools, SpdxTools]).catch([]);

/** Whether a tool says that it made the list, and no other had a hand in it. */
export function isMadeBy(tool: string, sbom: StoredSbom): boolean {
  const tools = Tools.parse(sbom);
  return tools.length > 0 && tools.every((name) => name.toLowerCase() === tool);
}
