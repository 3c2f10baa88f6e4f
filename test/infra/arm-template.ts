import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { evaluate, type Functions } from './arm-expression.js';

const Parameter = z.strictObject({
  type: z.enum(['string', 'securestring', 'int']),
  defaultValue: z.union([z.string(), z.number()]).optional(),
  allowedValues: z.array(z.union([z.string(), z.number()])).optional(),
  minLength: z.number().optional(),
  maxLength: z.number().optional(),
  minValue: z.number().optional(),
  metadata: z.strictObject({ description: z.string() }).optional(),
  maxValue: z.number().optional(),
});

const Resource = z.strictObject({
  type: z.string(),
  apiVersion: z.string(),
  name: z.string(),
  condition: z.union([z.string(), z.boolean()]).optional(),
  scope: z.string().optional(),
  location: z.string().optional(),
  dependsOn: z.array(z.string()).default([]),
  sku: z.record(z.string(), z.unknown()).optional(),
  properties: z.record(z.string(), z.unknown()).optional(),
});
export type ArmResource = z.output<typeof Resource>;

/** https://learn.microsoft.com/azure/azure-resource-manager/templates/syntax */
const Template = z.strictObject({
  $schema: z.literal('https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#'),
  contentVersion: z.literal('1.0.0.0'),
  metadata: z.strictObject({ description: z.string() }),
  parameters: z.record(z.string(), Parameter),
  variables: z.record(z.string(), z.unknown()),
  resources: z.array(Resource),
  outputs: z.record(z.string(), z.strictObject({ type: z.string(), value: z.string() })).default({}),
});

export interface DeployedTemplate {
  /** With every expression evaluated, and without those whose condition is not met. */
  resources: (ArmResource & { id: string })[];
  outputs: Record<string, unknown>;
  parameters: z.output<typeof Template>['parameters'];
}

const group = '/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/pratique';
const provider = (scope: string, type: string, names: readonly string[]): string => {
  const [namespace, ...kinds] = type.split('/');
  if (kinds.length !== names.length)
    throw new TypeError(`${type} has ${kinds.length} names, not ${names.join('/')}`);
  return `${scope}/providers/${namespace}/${kinds.map((kind, index) => `${kind}/${names[index]}`).join('/')}`;
};
const digest = (...parts: readonly unknown[]): string =>
  createHash('sha256').update(parts.join('|')).digest('hex');

/** What Resource Manager would make of a template. @throws Error where an expression or a reference is wrong */
export function deployTemplate(file: string, given: Record<string, string | number>): DeployedTemplate {
  const template = Template.parse(JSON.parse(readFileSync(file, 'utf8')));
  const resolve = (value: unknown): unknown => evaluateAll(value, functions);
  const functions = functionsOf(template, given, resolve);
  const resources = template.resources
    .map((resource) => Resource.parse(resolve(resource)))
    .filter(({ condition }) => condition !== false)
    .map((resource) => ({ ...resource, id: idOf(resource) }));
  const outputs = Object.fromEntries(
    Object.entries(template.outputs).map(([name, { value }]) => [name, resolve(value)]),
  );
  return { resources, outputs, parameters: template.parameters };
}

function idOf({ scope = group, type, name }: ArmResource): string {
  return provider(scope, type, name.split('/'));
}

function evaluateAll(value: unknown, functions: Functions): unknown {
  if (typeof value === 'string') return evaluate(value, functions);
  if (Array.isArray(value)) return value.map((inner) => evaluateAll(inner, functions));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, inner]) => [key, evaluateAll(inner, functions)] as const);
  // As Resource Manager does with a property that is null.
  return Object.fromEntries(entries.filter(([, inner]) => inner !== null));
}

function functionsOf(
  { parameters, variables, resources }: z.output<typeof Template>,
  given: Record<string, string | number>,
  resolve: (value: unknown) => unknown,
): Functions {
  const text = (...parts: readonly unknown[]): string => parts.map(String).join('');
  const resourceId = (type: unknown, ...names: readonly unknown[]): string =>
    provider(group, String(type), names.map(String));
  return {
    concat: text,
    equals: (one, other) => one === other,
    if: (condition, yes, no) => (condition === true ? yes : no),
    null: () => null,
    take: (value, length) => String(value).slice(0, Number(length)),
    uniqueString: (...parts) => digest(...parts).slice(0, 13),
    guid: (...parts) => digest(...parts).slice(0, 32),
    uriComponent: (value) => encodeURIComponent(String(value)),
    subscription: () => ({ tenantId: 'the-tenant' }),
    resourceGroup: () => ({ id: group, location: 'westeurope' }),
    resourceId,
    subscriptionResourceId: (type, ...names) => provider('', String(type), names.map(String)),
    parameters: (name) => {
      const parameter = parameters[String(name)];
      const value = given[String(name)] ?? parameter?.defaultValue;
      if (parameter === undefined || value === undefined)
        throw new ReferenceError(`no parameter ${String(name)}`);
      return resolve(value);
    },
    variables: (name) => {
      const value = variables[String(name)];
      if (value === undefined) throw new ReferenceError(`no variable ${String(name)}`);
      return resolve(value);
    },
    reference: (id) => {
      const known = resources.some(
        ({ type, name }) => resourceId(type, ...String(resolve(name)).split('/')) === id,
      );
      if (!known) throw new ReferenceError(`the template has no ${String(id)}`);
      const name = String(id).split('/').at(-1);
      return {
        principalId: `principal of ${name}`,
        clientId: `client of ${name}`,
        fullyQualifiedDomainName: `${name}.example`,
      };
    },
  };
}
