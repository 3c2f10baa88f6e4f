import { readdirSync } from 'node:fs';
import { digestOf } from '@pratique/contracts';
import { type Descriptor, mediaType } from '@pratique/oci';
import type { ImageConfig } from '../layers/image-config.js';
import {
  type CheckReport,
  type FileUnderScan,
  type ImageUnderScan,
  type Inspection,
  isInspecting,
  type PreparedCheck,
} from './check.js';
import { CheckSettings } from './checks.js';
import { prepareAgain } from './inspecting-checks.js';

/** One manifest, as a check is shown it. */
export interface ShownManifest {
  image?: ShownImage;
  layers?: readonly Partial<Descriptor>[];
  files?: Readonly<Record<string, string | Buffer>>;
}

/** An image's config, as far as it matters. */
export interface ShownImage extends Pick<ImageConfig, 'created' | 'config'> {
  annotations?: Record<string, string>;
  /** Bytes of its layers. */
  size?: number;
}

export interface CheckExamples {
  /** One entry of a policy's `checks`. */
  settings: object;
  passes: ShownManifest;
  fails: ShownManifest;
  refusedSettings: readonly object[];
}

/** What every kind of check must do, whatever it looks for. */
export function describeCheck(kind: string, examples: CheckExamples): void {
  describe(`the check ${kind}`, () => {
    it('stands in a file of its own, called by its kind', () => {
      expect(readdirSync(__dirname)).toContain(`${kind}.check.ts`);
    });

    it('does not pass a manifest that it was shown nothing of', () => {
      expect(inspect(examples.settings, {}).result).toBe('nothing-to-check');
    });

    it('passes what it should, and says nothing against it', () => {
      expect(inspect(examples.settings, examples.passes)).toEqual({ result: 'passed', findings: [] });
    });

    it('fails what it should, and says why', () => {
      const report = inspect(examples.settings, examples.fails);

      expect(report.result).toBe('failed');
      expect(report.findings.length).toBeGreaterThan(0);
      for (const { id, message, mend } of report.findings) {
        expect(id).toMatch(/^[\w-]+$/);
        expect(message).toMatch(/^[A-Z].*\.$/);
        expect(mend).toMatch(/^[A-Z].{1,198}\.$/);
      }
    });

    it('keeps manifests apart', () => {
      const check = prepare(examples.settings);
      const first = check.begin();
      const second = check.begin();
      show(first, examples.fails);
      show(second, examples.passes);

      expect([first.report().result, second.report().result]).toEqual(['failed', 'passed']);
    });

    it('is the same in another thread', () => {
      const { settings } = prepare(examples.settings);
      const { begin } = prepareAgain({ kind, settings: structuredClone(settings) });
      const [passed, failed] = [begin(), begin()];
      show(passed, examples.passes);
      show(failed, examples.fails);

      expect([passed.report().result, failed.report().result]).toEqual(['passed', 'failed']);
    });

    it.each(examples.refusedSettings)('refuses the settings %j', (settings) => {
      expect(CheckSettings.safeParse(settings).success).toBe(false);
    });
  });
}

/** Lets a check look at one manifest; contents arrive in pieces, as they do from a registry. */
export function inspect(settings: object, manifest: ShownManifest): CheckReport {
  const inspection = prepare(settings).begin();
  show(inspection, manifest);
  return inspection.report();
}

export function prepare(settings: object): PreparedCheck {
  const check = CheckSettings.parse(settings);
  if (!isInspecting(check)) throw new Error(`${check.kind} is shown nothing`);
  return check;
}

function show(inspection: Inspection, { image, layers = [], files = {} }: ShownManifest): void {
  if (image !== undefined) inspection.config?.(anImage(image));
  for (const layer of layers) inspection.layer?.(aLayer(layer));
  for (const [path, content] of Object.entries(files)) showFile(inspection, path, content);
}

function showFile(inspection: Inspection, path: string, content: string | Buffer): void {
  const bytes = Buffer.from(content as string);
  const middle = Math.ceil(bytes.length / 2);
  const sink = inspection.file?.(aFile({ path, size: bytes.length }));
  if (sink === undefined) return;
  for (const half of [bytes.subarray(0, middle), bytes.subarray(middle)]) {
    sink.write(half);
    // Whoever wants to keep bytes has to copy them.
    half.fill('overwritten ');
  }
  sink.end();
}

export function anImage({ annotations, size = 5, ...config }: ShownImage): ImageUnderScan {
  const descriptor = { mediaType: mediaType.ociConfig, digest: digestOf('config'), size: 2 };
  return {
    config: { ...config, rootfs: { diff_ids: [digestOf('tar')] } },
    descriptor,
    manifest: {
      schemaVersion: 2,
      config: descriptor,
      layers: [aLayer()],
      ...(annotations && { annotations }),
    },
    size,
  };
}

export function aLayer(layer: Partial<Descriptor> = {}): Descriptor {
  return {
    mediaType: 'application/vnd.oci.image.layer.v1.tar',
    digest: digestOf('layer'),
    size: 5,
    ...layer,
  };
}

export function aFile(file: Partial<FileUnderScan>): FileUnderScan {
  return { path: 'a', size: 0, kind: 'file', layer: aLayer(), ...file };
}
