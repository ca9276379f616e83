import { App } from 'aws-cdk-lib/core';
import { Template } from 'aws-cdk-lib/assertions';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { FleetStack } from '../lib/fleet-stack';
import { checkSettings } from '../lib/settings';

/** The folder of deploy/cdk, and of the whole project. */
export const cdkFolder = join(__dirname, '..', '..');
export const projectFolder = join(cdkFolder, '..', '..');

/** A folder with a configuration and a build, gone after the tests of this file. */
export const scratch = mkdtempSync(join(tmpdir(), 'akka-pipeline-cdk-'));
after(() => rmSync(scratch, { recursive: true, force: true }));
writeFileSync(join(scratch, 'pipeline.conf'), 'pipeline.routes.shots { scope = fleet, source = "/srv/fleet", target = "s3://studio-shots" }\n');
writeFileSync(join(scratch, 'build.tar.gz'), 'not looked into');

/** Settings with nothing but what must be said. */
export const leastSettings = {
  buckets: { create: ['studio-shots'], existing: ['studio-archive'] },
  build: 's3://studio-builds/node.tar.gz',
  configuration: 'pipeline.conf',
  zones: ['eu-west-1a', 'eu-west-1b', 'eu-west-1c'],
};

const templates = new Map<string, Template>();

/** The template of the least settings with some changes. Made once for the same changes, for it takes a while and nobody changes it. */
export function templateOf(changes: object = {}): Template {
  const key = JSON.stringify(changes);
  const known = templates.get(key);
  if (known !== undefined) {
    return known;
  }
  const settings = checkSettings({ ...leastSettings, ...changes }, 'test.json', scratch);
  const made = Template.fromStack(new FleetStack(new App({ outdir: join(scratch, 'cdk.out') }), 'fleet', settings));
  templates.set(key, made);
  return made;
}

export interface Statement {
  readonly Sid?: string;
  readonly Effect: string;
  readonly Action: string | string[];
  readonly Resource: unknown;
  readonly Condition?: Record<string, Record<string, unknown>>;
}

/** Every policy statement anywhere in a template, with the logical id of its resource. */
export function statementsOf(template: Template): { readonly place: string; readonly statement: Statement }[] {
  const found: { place: string; statement: Statement }[] = [];
  const visit = (place: string, value: unknown): void => {
    if (Array.isArray(value)) {
      value.forEach((element) => visit(place, element));
    } else if (typeof value === 'object' && value !== null) {
      if ('Effect' in value && ('Action' in value || 'NotAction' in value)) {
        found.push({ place, statement: value as Statement });
      }
      Object.values(value).forEach((element) => visit(place, element));
    }
  };
  const resources = template.toJSON()['Resources'] as Record<string, { Type: string; Properties?: unknown }>;
  Object.values(resources).forEach((resource) => visit(resource.Type, resource.Properties));
  return found;
}

export function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [value];
}

/** A CloudFormation value as text: references become their names, and AWS's pseudo parameters what they stand for. */
export function textOf(value: unknown): string {
  if (typeof value === 'string') {
    return value;
  }
  const [[kind, inner]] = Object.entries(value as Record<string, unknown>) as [[string, unknown]];
  const pseudo: Record<string, string> = { 'AWS::Partition': 'aws', 'AWS::AccountId': '123456789012', 'AWS::StackName': 'fleet' };
  switch (kind) {
    case 'Ref':
      return pseudo[inner as string] ?? `<${inner as string}>`;
    case 'Fn::GetAtt':
      return `<${(inner as string[]).join('.')}>`;
    case 'Fn::Base64':
      return textOf(inner);
    case 'Fn::Sub':
      return (inner as string).replace(/\$\{([^}]+)\}/g, (_, name: string) => pseudo[name] ?? `<${name}>`);
    case 'Fn::Join':
      return ((inner as [string, unknown[]])[1]).map(textOf).join((inner as [string])[0]);
    default:
      throw new Error(`${kind} is not known here`);
  }
}

/** The user data of the nodes, as bash gets it. */
export function userDataIn(template: Template): string {
  const [launchTemplate] = Object.values(template.findResources('AWS::EC2::LaunchTemplate')) as [{ Properties: { LaunchTemplateData: { UserData: unknown } } }];
  return textOf(launchTemplate.Properties.LaunchTemplateData.UserData);
}
