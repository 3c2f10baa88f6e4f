import type { Descriptor } from '@pratique/oci';
import { z } from 'zod';
import { shown } from '../layers/entry-path.js';
import type { FileSink } from '../layers/tar-reader.js';
import { pathMatcher, type PathMatcher } from '../path-matcher.js';
import { type CheckReport, defineCheck, type FileUnderScan, type Inspection } from './check.js';
import { Findings } from './findings.js';
import { BicepJudge, isBicepPath } from './bicep-judge.js';
import { isTextPath, TextJudge } from './text-judge.js';

const Globs = z.array(z.string().min(1).max(1024)).min(1).max(1000);

const ContentSettings = z
  .strictObject({
    allow: Globs.optional().describe('Every file must match one of these'),
    deny: Globs.optional().describe('No file may match one of these, whatever its case'),
    mediaTypes: Globs.optional().describe('Every layer must be of one of these types'),
    languages: z
      .array(z.enum(['bicep']))
      .min(1)
      .optional()
      .describe('Files that by their names are in these languages are read, and must be'),
  })
  .refine((settings) => Object.keys(settings).length > 0, {
    message: 'allows and denies nothing: give it allow, deny, mediaTypes or languages',
  });

/**
 * What may be in an image, by paths, titles and media types.
 *
 * A glob's `*` stands for anything within a folder and `**` for any number of folders, so `*.bicep` is a file at the top
 * only. A name alone proves little: a file whose name says that it is text must be text.
 */
export const contentCheck = defineCheck({
  kind: 'content',
  settings: ContentSettings,
  prepare: (settings) => {
    const rules: Rules = {
      allow: settings.allow && pathMatcher(settings.allow),
      // On a file system that ignores case, and for whoever reads it, `SETUP.EXE` is `setup.exe`.
      deny: settings.deny && pathMatcher(settings.deny, { nocase: true }),
      mediaTypes: settings.mediaTypes && pathMatcher(settings.mediaTypes),
      readsBicep: settings.languages?.includes('bicep') ?? false,
    };
    return () => new ContentInspection(rules);
  },
});

interface Rules {
  allow: PathMatcher | undefined;
  deny: PathMatcher | undefined;
  mediaTypes: PathMatcher | undefined;
  readsBicep: boolean;
}

class ContentInspection implements Inspection {
  private readonly findings = new Findings();
  private judged = 0;

  constructor(private readonly rules: Rules) {}

  layer(layer: Descriptor): void {
    const { mediaTypes } = this.rules;
    if (mediaTypes === undefined) return;
    this.judged += 1;
    if (mediaTypes(layer.mediaType)) return;
    this.findings.add({
      id: 'media-type',
      layer: layer.digest,
      message: `A layer is of the type ${shown(layer.mediaType)}, which is not allowed.`,
      mend: 'Push it as one of the types that the policy lists under mediaTypes.',
    });
  }

  file(file: FileUnderScan): FileSink | undefined {
    const { allow, deny, readsBicep } = this.rules;
    const isBicep = readsBicep && isBicepPath(file.path);
    if (allow === undefined && deny === undefined && !isBicep) return undefined;
    this.judged += 1;
    if (deny?.(file.path) === true) this.addFile(file, 'denied');
    if (allow?.(file.path) === false) this.addFile(file, 'not-allowed');
    const text = isTextPath(file.path) ? this.judgeText(file) : undefined;
    return isBicep && text !== undefined ? both(text, this.judgeBicep(file)) : text;
  }

  private judgeBicep(file: FileUnderScan): FileSink {
    return new BicepJudge((problem) => {
      if (problem !== undefined) this.addFile(file, 'not-bicep', `is not Bicep: it ${problem}`);
    });
  }

  private judgeText(file: FileUnderScan): FileSink | undefined {
    const judge = new TextJudge((isText) => {
      if (!isText) this.addFile(file, 'not-text');
    });
    if (file.kind === 'file') return judge;
    this.addFile(file, 'not-text', `is a ${file.kind} and not the text file that its name promises`);
    return undefined;
  }

  report(): CheckReport {
    return this.findings.report({ judged: this.judged > 0 });
  }

  private addFile(
    { path, layer }: FileUnderScan,
    id: keyof typeof wrongs,
    what: string = wrongs[id].what,
  ): void {
    const place = { path: shown(path), layer: layer.digest };
    const { mend } = wrongs[id];
    this.findings.add({ id, ...place, message: `The file ${shown(path)} ${what}.`, mend });
  }
}

function both(one: FileSink, other: FileSink): FileSink {
  return {
    write: (bytes) => {
      one.write(bytes);
      other.write(bytes);
    },
    end: () => {
      one.end();
      other.end();
    },
  };
}

const wrongs = {
  denied: { what: 'is denied', mend: 'Build the image without the file.' },
  'not-allowed': {
    what: 'is not on the list of what is allowed',
    mend: 'Build the image without the file, or add it to what the policy allows.',
  },
  'not-bicep': {
    what: 'is not the Bicep that its name promises',
    mend: 'Store it under a name that says what it is, or mend it: az bicep build tells more.',
  },
  'not-text': {
    what: 'is not the text file that its name promises',
    mend: 'Store it as UTF-8 text, or under a name that says what it is.',
  },
};
