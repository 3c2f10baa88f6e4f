import { ConfigError, configPath, loadConfig, loadConfigs, sectionNames } from '@pratique/config';
import { z } from 'zod';
import { describePath, openPaths } from '../open-paths.js';
import { broughtByStandalone, serviceConfigs, type ServiceName } from '../service-configs.js';
import { UsageError } from '../usage-error.js';
import { type Answer, defineVerb } from '../verb.js';

const serviceNames = Object.keys(serviceConfigs) as ServiceName[];

export const validateVerb = defineVerb({
  name: 'validate',
  summary: 'check a pratique.yaml, and say which ways up the order of trust it opens',
  description: `
Checks the whole file as the services do when they start: every section, every rule between sections, and that every
secret it refers to is there. What is wrong is named with line, column and mend. A file that is right is explained:
which rule lets images up the order of trust, and through which gate. Nothing is connected to.

Without --service the file is read as npm start reads it, which brings a broker and a database of its own.`,
  options: {
    config: {
      type: 'string',
      value: 'FILE',
      help: 'the file; default: $PRATIQUE_CONFIG, else pratique.yaml',
    },
    service: {
      type: 'string',
      multiple: true,
      value: 'NAME',
      help: `check what this service by itself needs: ${serviceNames.join(', ')}; may be repeated`,
    },
  },
  examples: [
    'pratique validate',
    'pratique validate --config k8s/pratique.yaml --service ingress --service sync',
    'pratique validate --json | jq .problems',
  ],
  exitCodes: { 0: 'the file can be used', 1: 'something in it is wrong' },
  run: ({ config, service }) => Promise.resolve(validate(config ?? configPath(), service)),
});

function validate(file: string, services: readonly string[] = []): Answer {
  const asked = services.map(serviceOf);
  try {
    return explain(file, asked);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const { problems } = error;
    const things = problems.length === 1 ? '1 thing is' : `${problems.length} things are`;
    return {
      exitCode: 1,
      document: { valid: false, file, problems },
      lines: [...error.message.split('\n'), `${things} wrong in ${file}.`],
    };
  }
}

function serviceOf(name: string): ServiceName {
  const service = serviceNames.find((each) => each === name);
  if (service === undefined)
    throw new UsageError(`There is no service "${name}"; there are ${serviceNames.join(', ')}`);
  return service;
}

function explain(file: string, services: readonly ServiceName[]): Answer {
  const defaults = services.length === 0 ? broughtByStandalone : {};
  const names = services.length === 0 ? serviceNames : services;
  const schemas = Object.fromEntries(names.map((name) => [name, serviceConfigs[name]]));
  loadConfigs(file, schemas, { defaults });
  const present = Object.keys(loadConfig(file, z.looseObject({})));
  const missing = sectionNames.filter((name) => name in broughtByStandalone && !present.includes(name));
  // The rules of sync say what goes up; a service that does not read them has nothing to tell of it.
  const sync = names.includes('sync') ? loadConfig(file, serviceConfigs.sync, { defaults }) : undefined;
  const paths = sync === undefined ? [] : openPaths(sync);
  return {
    exitCode: 0,
    document: {
      valid: true,
      file,
      services: names,
      sections: { present, missing },
      trust: sync?.trust,
      paths,
    },
    lines: [
      `${file} is right for ${names.join(', ')}.`,
      ...missingLines(missing),
      ...(sync === undefined ? [] : trustLines(sync.trust, paths.map(describePath))),
    ],
  };
}

function missingLines(missing: readonly string[]): string[] {
  const needed = missing.filter((name) => name === 'messaging' || name === 'audit');
  if (needed.length === 0) return [];
  return [`It leaves out ${needed.join(' and ')}: npm start brings its own, services by themselves need it.`];
}

function trustLines(trust: readonly string[] | undefined, paths: readonly string[]): string[] {
  if (trust === undefined) {
    return ['It has no order of trust, so that no rule needs a gate: add trust: [lowest, …, highest].'];
  }
  const order = trust.join(' < ');
  if (paths.length === 0) return [`No rule lets an image up the order of trust (${order}).`];
  return [`Ways up the order of trust (${order}):`, ...paths.map((path) => `  ${path}`)];
}
