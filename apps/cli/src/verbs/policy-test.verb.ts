import { configPath, loadConfig } from '@pratique/config';
import { readReport, reportFiles } from '../../../scan/src/read-reports.js';
import { replayPolicy } from '../../../scan/src/replay-policy.js';
import { compilePolicies, type ScanPolicy } from '../../../scan/src/scan-policy.js';
import type { ScanReport } from '../../../scan/src/scan-report.js';
import type { Console } from '../console.js';
import { isChange, type PolicyTest, policyTestLines } from '../policy-test-lines.js';
import { broughtByStandalone, serviceConfigs } from '../service-configs.js';
import { UsageError } from '../usage-error.js';
import { defineVerb } from '../verb.js';

export const policyTestVerb = defineVerb({
  name: 'policy test',
  summary: 'tell what a policy would have made of images that were scanned before',
  description: `
Judges stored reports of scans by a policy of a pratique.yaml, and tells which images it would have refused that were
cleared, and the other way round. Nothing is scanned, nobody is asked, and nothing is changed.

A check with the same settings says what it said then. With other settings, vulnerabilities and licences are judged
again from what was found then; of any other check it is said that nobody knows. Exceptions count as they would have
on the day of the scan. A policy with mode: observe is judged as if it counted, which is what this is for.`,
  options: {
    config: {
      type: 'string',
      value: 'FILE',
      help: 'the file with the policy; default: $PRATIQUE_CONFIG, else pratique.yaml',
    },
    policy: { type: 'string', value: 'NAME', help: 'the policy; may be left out where there is one' },
    reports: { type: 'string', value: 'FOLDER', help: 'where the reports are, with its folders' },
    since: { type: 'string', value: 'DAY', help: 'the first day of scans to look at, as 2026-11-01' },
    until: { type: 'string', value: 'DAY', help: 'the last day of scans to look at' },
  },
  examples: [
    'pratique policy test --reports /var/lib/pratique/reports --policy stricter --since 2026-11-01',
    'pratique policy test --reports reports --json | jq -r ".images[] | select(.would == \\"failed\\").image.digest"',
  ],
  exitCodes: {
    0: 'it would have said of every image what was said then',
    1: 'it would have said something else of one, or cannot be told',
  },
  run: async ({ config, policy: name, reports, since, until }, console) => {
    if (reports === undefined) throw new UsageError('Say where the reports are: --reports FOLDER');
    const policy = policyOf(config ?? configPath(), name);
    const test = await testOn(await filesIn(reports), {
      policy,
      from: dayOf(since, '0000-01-01'),
      to: dayOf(until, '9999-12-31'),
      console,
    });
    return {
      exitCode: test.images.some(isChange) || test.skipped.length > 0 ? 1 : 0,
      document: test,
      lines: policyTestLines(test),
    };
  },
});

function policyOf(file: string, name: string | undefined): ScanPolicy {
  const { scan } = loadConfig(file, serviceConfigs.scan, { defaults: broughtByStandalone });
  const policies = compilePolicies(scan);
  const there = policies.map((policy) => policy.name).join(', ') || 'none';
  if (name === undefined && policies.length !== 1) {
    throw new UsageError(`Say which policy: --policy NAME; there are ${there}`);
  }
  const found = policies.find((policy) => name === undefined || policy.name === name);
  if (found === undefined) throw new UsageError(`There is no policy "${name}"; there are ${there}`);
  return found;
}

async function filesIn(folder: string): Promise<string[]> {
  try {
    return await reportFiles(folder);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    throw new UsageError(`The folder ${folder} cannot be read (${code})`);
  }
}

function dayOf(text: string | undefined, otherwise: string): string {
  if (text === undefined) return otherwise;
  const isDay = /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text));
  if (!isDay) throw new UsageError(`"${text}" is not a day such as 2026-11-01`);
  return text;
}

async function testOn(
  files: readonly string[],
  { policy, from, to, console }: { policy: ScanPolicy; from: string; to: string; console: Console },
): Promise<PolicyTest> {
  const progress = console.progress('reports', files.length);
  const test: PolicyTest = { policy: policy.name, images: [], skipped: [] };
  try {
    for (const [index, file] of files.entries()) {
      const { report, problem } = await readReport(file);
      if (problem !== undefined) test.skipped.push({ file, problem });
      else if (report && concerns(report, policy) && isWithin(report, from, to)) {
        test.images.push(replayPolicy(policy, report));
      }
      progress.at(index + 1);
    }
  } finally {
    progress.end();
  }
  return test;
}

function concerns({ image }: ScanReport, policy: ScanPolicy): boolean {
  return image.registry === policy.registry && policy.applies(image.repository);
}

function isWithin({ finishedAt }: ScanReport, from: string, to: string): boolean {
  const day = new Date(finishedAt).toISOString().slice(0, 10);
  return day >= from && day <= to;
}
