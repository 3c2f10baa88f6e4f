import type { Component } from '../sbom/component.js';
import { judgeLicence } from '../sbom/licence-policy.js';
import type { CheckReport, Finding } from './check.js';
import { Findings } from './findings.js';
import type { SbomSettings } from './sbom.settings.js';

const maxFindings = 1000;

/** What a policy makes of the licences in a bill of materials. Without rules for them, that there is one is enough. */
export function judgeLicences(components: readonly Component[], { licences }: SbomSettings): CheckReport {
  const findings = new Findings(maxFindings);
  if (licences !== undefined) {
    for (const component of components) {
      const finding = findingOn(component, licences);
      if (finding !== undefined) findings.add(finding);
    }
  }
  return findings.report({ judged: components.length > 0 });
}

function findingOn(
  { name, version = '', licences }: Component,
  rules: NonNullable<SbomSettings['licences']>,
): Finding | undefined {
  const what = `${name} ${version}`.trim().slice(0, 300);
  const answers = licences.map((licence) => ({ licence, answer: judgeLicence(licence, rules) }));
  const refused = answers.find(({ answer }) => answer === 'refused');
  if (refused !== undefined) {
    return {
      id: 'licence-not-allowed',
      package: name,
      message: `${what} is under ${refused.licence.slice(0, 300)}, which is not allowed.`.toWellFormed(),
      mend: 'Do without it, have its licence allowed, or make an exception for the package.',
    };
  }
  const isKnown = answers.length > 0 && answers.every(({ answer }) => answer === 'borne');
  if (isKnown || rules.unknown === 'allow') return undefined;
  return {
    id: 'licence-unknown',
    package: name,
    message: `Nobody says under which licence ${what} is.`.toWellFormed(),
    mend: 'Have whatever makes the bill of materials name its licence, or make an exception for the package.',
  };
}
