import { hasRepeatedKeys } from '@pratique/oci';
import { maxComponents, type Sbom } from './component.js';
import { componentsOfCycloneDx, CycloneDx } from './cyclonedx.js';
import { componentsOfSpdx, Spdx } from './spdx.js';

// Components within components; one that goes deeper would exhaust whoever follows it.
const maxDepth = 64;

export type SbomReading = { sbom: Sbom } | { problem: string };

/** Reads a bill of materials in JSON: CycloneDX 1.x or SPDX 2.x. What is wrong with it is said, not thrown. */
export function readSbom(bytes: Buffer): SbomReading {
  const text = bytes.toString('utf8');
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return { problem: 'is not JSON' };
  }
  const reading = readParsedSbom(json);
  if ('problem' in reading || !hasRepeatedKeys(text, json)) return reading;
  return { problem: 'has a name twice in one object, so that readers see two things' };
}

/** The same of what was parsed before. */
export function readParsedSbom(json: unknown): SbomReading {
  if (isDeeperThan(maxDepth, json)) return { problem: `is nested deeper than ${maxDepth}` };
  const cyclone = CycloneDx.safeParse(json);
  if (cyclone.success)
    return bounded({ format: 'cyclonedx', components: componentsOfCycloneDx(cyclone.data) });
  const spdx = Spdx.safeParse(json);
  if (spdx.success) return bounded({ format: 'spdx', components: componentsOfSpdx(spdx.data) });
  return { problem: 'is neither CycloneDX 1.x nor SPDX 2.x' };
}

function bounded(sbom: Sbom): SbomReading {
  if (sbom.components.length === 0) return { problem: 'names no component' };
  if (sbom.components.length > maxComponents)
    return { problem: `names more than ${maxComponents} components` };
  return { sbom };
}

/** Level by level, so that no depth exhausts the stack. */
export function isDeeperThan(most: number, json: unknown): boolean {
  let level = [json];
  for (let depth = 0; depth <= most; depth += 1) {
    level = level.flatMap((value) =>
      typeof value === 'object' && value !== null ? (Object.values(value) as unknown[]) : [],
    );
    if (level.length === 0) return false;
  }
  return level.some((value) => typeof value === 'object' && value !== null);
}
