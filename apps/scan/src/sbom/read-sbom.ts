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
  if (isDeeperThan(maxDepth, text)) return { problem: `is nested deeper than ${maxDepth}` };
  if (hasRepeatedKeys(text, json))
    return { problem: 'has a name twice in one object, so that readers see two things' };
  return readParsedSbom(json);
}

/** The same of what was parsed, and checked for its depth, before. */
export function readParsedSbom(json: unknown): SbomReading {
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

/** In valid JSON, brackets outside strings open and close in pairs. */
export function isDeeperThan(most: number, text: string): boolean {
  let depth = 0;
  let inString = false;
  for (let index = 0; index < text.length; index += 1) {
    const char = text[index];
    if (inString) {
      if (char === '\\') index += 1;
      else if (char === '"') inString = false;
    } else if (char === '"') inString = true;
    else if (char === '{' || char === '[') {
      depth += 1;
      if (depth > most) return true;
    } else if (char === '}' || char === ']') depth -= 1;
  }
  return false;
}
