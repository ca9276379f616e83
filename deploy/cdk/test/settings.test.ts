import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { checkSettings, readSettings, SettingsError } from '../lib/settings';
import { cdkFolder, leastSettings, scratch } from './fleet';

writeFileSync(join(scratch, 'too-long.conf'), '#'.repeat(4097));

/** What is wrong, and what the message says of it. */
const wrong: [string, unknown, RegExp][] = [
  ['no object', [], /^fleet\.json: the settings must be an object/],
  ['an unknown key', { ...leastSettings, bucket: 'x' }, /^fleet\.json: "bucket" is not known\. Known are: buckets, /],
  ['an unknown inner key', { ...leastSettings, buckets: { made: [] } }, /"buckets\.made" is not known/],
  ['no buckets', { ...leastSettings, buckets: {} }, /"buckets" names no bucket/],
  ['a bucket with capitals', { ...leastSettings, buckets: { create: ['Shots'] } }, /"buckets\.create\[0\]" is "Shots", but should be a bucket name/],
  ['a wildcard for a bucket', { ...leastSettings, buckets: { existing: ['*'] } }, /"buckets\.existing\[0\]" is "\*"/],
  ['an address for a bucket', { ...leastSettings, buckets: { existing: ['10.0.0.1'] } }, /"buckets\.existing\[0\]"/],
  ['one bucket twice', { ...leastSettings, buckets: { create: ['shots'], existing: ['shots'] } }, /has shots both under/],
  ['one bucket twice in a list', { ...leastSettings, buckets: { create: ['shots', 'shots'] } }, /"buckets\.create" has "shots" twice/],
  ['no build', { ...leastSettings, build: undefined }, /"build" is missing/],
  ['a build that is no archive', { ...leastSettings, build: 's3://builds/node.zip' }, /"build" is "s3:\/\/builds\/node\.zip", but should be a \.tar\.gz/],
  ['a build with a wildcard', { ...leastSettings, build: 's3://builds/*.tar.gz' }, /"build" is s3:\/\/builds\/\*\.tar\.gz, but should be/],
  ['a build with a quote', { ...leastSettings, build: "s3://builds/a'b.tar.gz" }, /"build" is/],
  ['a build that is not there', { ...leastSettings, build: 'gone.tar.gz' }, /"build" names \S*gone\.tar\.gz, which cannot be read \(ENOENT\)/],
  ['a configuration that is not there', { ...leastSettings, configuration: 'gone.conf' }, /"configuration" names \S*gone\.conf, which cannot be read/],
  ['a configuration that is too long', { ...leastSettings, configuration: 'too-long.conf' }, /with 4097 bytes; 4096 fit/],
  ['one zone', { ...leastSettings, zones: ['eu-west-1a'] }, /"zones" needs at least two zones/],
  ['a region for a zone', { ...leastSettings, zones: ['eu-west-1a', 'eu-west-1'] }, /"zones\[1\]" is "eu-west-1"/],
  ['zones of two regions', { ...leastSettings, zones: ['eu-west-1a', 'eu-west-2b'] }, /"zones" are of more than one region: eu-west-1a, eu-west-2b/],
  ['too few subnets', { ...leastSettings, vpc: { id: 'vpc-0123456789abcdef0', privateSubnets: ['subnet-0123456789abcdef0'] } }, /"vpc\.privateSubnets" has 1 subnets for 3 zones/],
  ['no VPC id', { ...leastSettings, vpc: { id: 'default', privateSubnets: [] } }, /"vpc\.id" is "default"/],
  ['an unknown architecture', { ...leastSettings, architecture: 'sparc' }, /"architecture" is "sparc", but should be "arm64" or "x86_64"/],
  ['types of the other architecture', { ...leastSettings, instanceTypes: ['c7g.large', 'c7i.large'] }, /has c7i\.large, which is x86_64, but "architecture" is arm64/],
  ['the other way about', { ...leastSettings, architecture: 'x86_64', instanceTypes: ['c6in.large', 'im4gn.large'] }, /has im4gn\.large, which is arm64/],
  ['a single type', { ...leastSettings, instanceTypes: ['c7g.large'] }, /"instanceTypes" needs at least two types/],
  ['more at least than at most', { ...leastSettings, minimumNodes: 5, maximumNodes: 4 }, /"minimumNodes" is 5, more than "maximumNodes", 4/],
  ['more on demand than there are', { ...leastSettings, maximumNodes: 4, onDemandNodes: 5 }, /"onDemandNodes" is 5, more than/],
  ['half a node', { ...leastSettings, minimumNodes: 1.5 }, /"minimumNodes" is 1\.5, but should be a whole number from 0 to 1000/],
  ['a number as text', { ...leastSettings, diskGiB: '30' }, /"diskGiB" is "30", but should be a whole number from 8 to 16384/],
  ['logs for nine days', { ...leastSettings, logDays: 9 }, /"logDays" is 9, but CloudWatch keeps logs for 1, 3, 5/],
  ['no database instance', { ...leastSettings, databaseInstance: 't4g.small' }, /"databaseInstance" is "t4g\.small", but should be a database instance type/],
  ['the short ARN of a secret', { ...leastSettings, databaseSecret: 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:x' }, /"databaseSecret" is .* with the six characters/],
  ['an alias for a key', { ...leastSettings, kmsKeys: ['arn:aws:kms:eu-west-1:123456789012:alias/x'] }, /"kmsKeys\[0\]" is .*not of an alias/],
  ['the world as a writer', { ...leastSettings, writerSecurityGroups: ['0.0.0.0/0'] }, /"writerSecurityGroups\[0\]" is "0\.0\.0\.0\/0"/],
  ['a flag as text', { ...leastSettings, operatorShell: 'yes' }, /"operatorShell" is "yes", but should be true or false/],
  ['a list as text', { ...leastSettings, zones: 'eu-west-1a' }, /"zones" must be a list/],
];

for (const [what, json, message] of wrong) {
  test(`Wrong settings are named: ${what}`, () => {
    assert.throws(() => checkSettings(json, 'fleet.json', scratch), (error) => error instanceof SettingsError && message.test(error.message) ? true : assert.fail(String(error)));
  });
}

test('What is left out has defaults', () => {
  const settings = checkSettings(leastSettings, 'fleet.json', scratch);
  assert.deepEqual([settings.architecture, settings.minimumNodes, settings.maximumNodes, settings.onDemandNodes, settings.drainSeconds, settings.incompleteUploadDays], ['arm64', 2, 4, 0, 110, 7]);
  assert.equal(settings.databaseStandby, false);
  assert.equal(settings.operatorShell, false);
});

test('A settings file that is not there, or is no JSON, is named', () => {
  assert.throws(() => readSettings(join(scratch, 'none.json')), /none\.json: the settings cannot be read \(ENOENT\)/);
  writeFileSync(join(scratch, 'broken.json'), '{ "buckets": ');
  assert.throws(() => readSettings(join(scratch, 'broken.json')), /broken\.json: this is no JSON/);
});

test('The program says what is wrong in one line, without a stack, and ends with 2', () => {
  for (const [context, message] of [[{}, /which fleet\? Name its settings/], [{ fleet: join(scratch, 'none.json') }, /cannot be read/]] as const) {
    const ran = spawnSync(process.execPath, [join(cdkFolder, 'built', 'bin', 'app.js')], { encoding: 'utf8', env: { ...process.env, CDK_CONTEXT_JSON: JSON.stringify(context) } });
    assert.equal(ran.status, 2);
    assert.match(ran.stderr, message);
    assert.equal(ran.stderr.trim().split('\n').length, 1, ran.stderr);
  }
});

test('The real CLI makes a template of the example, without looking anything up', () => {
  const out = join(scratch, 'synth');
  // Without credentials and with a proxy that is not there: a look-up would fail.
  const ran = spawnSync(process.execPath, [
    join(cdkFolder, 'node_modules', 'aws-cdk', 'bin', 'cdk'), 'synth', '--quiet', '--no-notices', '--no-lookups', '--app', `${process.execPath} built/bin/app.js`, '--output', out, '--context', 'fleet=fleet.example.json',
  ], {
    cwd: cdkFolder, encoding: 'utf8',
    env: { PATH: process.env['PATH'], HOME: scratch, CI: 'true', CDK_DISABLE_CLI_TELEMETRY: 'true', AWS_EC2_METADATA_DISABLED: 'true', HTTPS_PROXY: 'http://127.0.0.1:9' },
  });
  assert.equal(ran.status, 0, ran.stderr);
  const manifest = JSON.parse(readFileSync(join(out, 'manifest.json'), 'utf8')) as { missing?: unknown[]; artifacts: Record<string, { type: string }> };
  assert.deepEqual(manifest.missing ?? [], []);
  assert.equal(manifest.artifacts['akka-pipeline-fleet']?.type, 'aws:cloudformation:stack');
});
