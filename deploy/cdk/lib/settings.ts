import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/** What the fleet is made of. Read from one JSON file; fleet.example.json shows all that is needed. */
export interface FleetSettings {
  /** The only buckets that the nodes may write to. Those in `create` are made by the stack, with a lifecycle rule; those in `existing` are there already. */
  readonly buckets: { readonly create: string[]; readonly existing: string[] };
  /** The self-contained build for linux-arm64 or linux-x64 as a .tar.gz: `s3://bucket/key`, or a file on this machine. */
  readonly build: string;
  /** The text of the nodes' HOCON file; the JSON names the file. Whoever may look at the launch template can read it, so it holds no secret. */
  readonly configuration: string;
  /** At least two availability zones of one region; spot capacity is looked for in all of them. */
  readonly zones: string[];
  /** An existing VPC, whose private subnets (one a zone, in the zones' order) reach the internet by NAT. Left out: one is made. */
  readonly vpc?: { readonly id: string; readonly privateSubnets: string[] };
  readonly architecture: Architecture;
  /** The more types, the rarer the interruptions. */
  readonly instanceTypes: string[];
  readonly minimumNodes: number;
  readonly maximumNodes: number;
  /** How many of the nodes are on-demand and not spot. */
  readonly onDemandNodes: number;
  readonly diskGiB: number;
  /** How long a node may take to hand over when the group takes it away. */
  readonly drainSeconds: number;
  readonly databaseInstance: string;
  /** A standby in a second zone, for twice the price. */
  readonly databaseStandby: boolean;
  /** A secret (its full ARN, with host, port, dbname, username and password) of a less privileged database role. Left out: the database's own. */
  readonly databaseSecret?: string;
  /** Security groups of the machines that write into the shared volume. */
  readonly writerSecurityGroups: string[];
  /** ARNs of the KMS keys with which existing buckets encrypt, if they do so by SSE-KMS. */
  readonly kmsKeys: string[];
  /** Lets Session Manager open a shell on the nodes. */
  readonly operatorShell: boolean;
  readonly logDays: number;
  readonly incompleteUploadDays: number;
}

export type Architecture = 'arm64' | 'x86_64';

/** A setting that is wrong: the message names the key, where it stands and what would be right. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
}

const defaultTypes: Record<Architecture, string[]> = {
  arm64: ['c7g.large', 'c6g.large', 'c6gn.large', 'm7g.large', 'm6g.large', 'r7g.large', 'r6g.large'],
  x86_64: ['c7i.large', 'c6i.large', 'c6a.large', 'c6in.large', 'm7i.large', 'm6i.large', 'm6a.large'],
};

// What is left beside the scripts of the 16 KiB that EC2 takes as user data (docs.aws.amazon.com/AWSEC2/latest/UserGuide/user-data.html, 2026-11).
const maximumConfigurationBytes = 4096;

// docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html, 2026-11.
const retentionDays = [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653];

const knownKeys = [
  'buckets', 'build', 'configuration', 'zones', 'vpc', 'architecture', 'instanceTypes', 'minimumNodes', 'maximumNodes', 'onDemandNodes', 'diskGiB', 'drainSeconds',
  'databaseInstance', 'databaseStandby', 'databaseSecret', 'writerSecurityGroups', 'kmsKeys', 'operatorShell', 'logDays', 'incompleteUploadDays',
];

/** Reads the settings file. Paths in it are relative to it. */
export function readSettings(path: string): FleetSettings {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new SettingsError(`${path}: the settings cannot be read (${(error as NodeJS.ErrnoException).code}). Name a file with -c fleet=FILE; fleet.example.json is one to start from.`);
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new SettingsError(`${path}: this is no JSON: ${(error as Error).message}`);
  }
  return checkSettings(json, path, dirname(resolve(path)));
}

/** Checks settings and fills in what is left out. `place` stands at the beginning of every message. */
export function checkSettings(json: unknown, place: string, folder: string): FleetSettings {
  const read = new Reader(json, place, '');
  read.knowsOnly(knownKeys);

  const buckets = read.child('buckets', ['create', 'existing']);
  const create = buckets.texts('create', bucketName, 'a bucket name: 3 to 63 lower-case letters, digits, dots and hyphens', []);
  const existing = buckets.texts('existing', bucketName, 'a bucket name: 3 to 63 lower-case letters, digits, dots and hyphens', []);
  if (create.length + existing.length === 0) {
    throw read.wrong('buckets', 'names no bucket, so the nodes could store nothing; name them under "create" or "existing"');
  }
  const twice = create.find((name) => existing.includes(name));
  if (twice !== undefined) {
    throw read.wrong('buckets', `has ${twice} both under "create" and under "existing"; keep one`);
  }

  const zones = read.texts('zones', /^[a-z]{2}(-[a-z]+)+-\d[a-z]$/, 'an availability zone such as eu-west-1a');
  if (zones.length < 2) {
    throw read.wrong('zones', 'needs at least two zones, for the database and for spot capacity');
  }
  if (new Set(zones.map((zone) => zone.slice(0, -1))).size > 1) {
    throw read.wrong('zones', `are of more than one region: ${zones.join(', ')}`);
  }

  let vpc: FleetSettings['vpc'];
  if (read.has('vpc')) {
    const given = read.child('vpc', ['id', 'privateSubnets']);
    vpc = {
      id: given.text('id', /^vpc-[0-9a-f]{8,17}$/, 'the id of a VPC such as vpc-0123456789abcdef0'),
      privateSubnets: given.texts('privateSubnets', /^subnet-[0-9a-f]{8,17}$/, 'the id of a subnet such as subnet-0123456789abcdef0'),
    };
    if (vpc.privateSubnets.length !== zones.length) {
      throw given.wrong('privateSubnets', `has ${vpc.privateSubnets.length} subnets for ${zones.length} zones; name one for each zone, in the order of "zones"`);
    }
  }

  const architecture = read.text('architecture', /^(arm64|x86_64)$/, '"arm64" or "x86_64"', 'arm64') as Architecture;
  const instanceTypes = read.texts('instanceTypes', /^[a-z][a-z0-9-]*\.[a-z0-9-]+$/, 'an instance type such as c7g.large', defaultTypes[architecture]);
  if (instanceTypes.length < 2) {
    throw read.wrong('instanceTypes', 'needs at least two types: with one, a single pool of spot capacity that runs dry takes every node');
  }
  const foreign = instanceTypes.find((type) => architectureOf(type) !== architecture);
  if (foreign !== undefined) {
    throw read.wrong('instanceTypes', `has ${foreign}, which is ${architectureOf(foreign)}, but "architecture" is ${architecture}`);
  }

  const minimumNodes = read.whole('minimumNodes', 0, 1000, 2);
  const maximumNodes = read.whole('maximumNodes', 1, 1000, Math.max(2 * minimumNodes, 4));
  if (minimumNodes > maximumNodes) {
    throw read.wrong('minimumNodes', `is ${minimumNodes}, more than "maximumNodes", ${maximumNodes}`);
  }
  const onDemandNodes = read.whole('onDemandNodes', 0, 1000, 0);
  if (onDemandNodes > maximumNodes) {
    throw read.wrong('onDemandNodes', `is ${onDemandNodes}, more than "maximumNodes", ${maximumNodes}`);
  }

  const logDays = read.whole('logDays', 1, 3653, 30);
  if (!retentionDays.includes(logDays)) {
    throw read.wrong('logDays', `is ${logDays}, but CloudWatch keeps logs for ${retentionDays.join(', ')} days only`);
  }

  const build = read.text('build', /\.tar\.gz$/, 'a .tar.gz: s3://bucket/key.tar.gz, or a file');
  const s3 = /^s3:\/\/([^/]+)\/(.+)$/.exec(build);
  if (build.startsWith('s3:') && (s3 === null || !bucketName.test(s3[1]!) || !/^[\w.!+=/-]+$/.test(s3[2]!))) {
    throw read.wrong('build', `is ${build}, but should be s3://bucket/key.tar.gz, the key of letters, digits and _ . ! + = / -`);
  }
  const configuration = resolve(folder, read.text('configuration', /./, 'the path of a HOCON file'));

  return {
    buckets: { create, existing },
    build: s3 === null ? readable(read, 'build', resolve(folder, build)) : build,
    configuration: readConfiguration(read, configuration),
    zones,
    vpc,
    architecture,
    instanceTypes,
    minimumNodes,
    maximumNodes,
    onDemandNodes,
    diskGiB: read.whole('diskGiB', 8, 16384, 30),
    drainSeconds: read.whole('drainSeconds', 10, 7000, 110),
    databaseInstance: read.text('databaseInstance', /^db\.[a-z0-9]+\.[a-z0-9]+$/, 'a database instance type such as db.t4g.small', 'db.t4g.small'),
    databaseStandby: read.flag('databaseStandby', false),
    databaseSecret: read.has('databaseSecret')
      ? read.text('databaseSecret', /^arn:[a-z-]+:secretsmanager:[a-z0-9-]+:\d{12}:secret:[\w/+=.@-]+-[A-Za-z0-9]{6}$/, 'the full ARN of a secret, with the six characters at its end')
      : undefined,
    writerSecurityGroups: read.texts('writerSecurityGroups', /^sg-[0-9a-f]{8,17}$/, 'the id of a security group such as sg-0123456789abcdef0', []),
    kmsKeys: read.texts('kmsKeys', /^arn:[a-z-]+:kms:[a-z0-9-]+:\d{12}:key\/[\w-]+$/, 'the ARN of a KMS key (not of an alias)', []),
    operatorShell: read.flag('operatorShell', false),
    logDays,
    incompleteUploadDays: read.whole('incompleteUploadDays', 1, 365, 7),
  };
}

// docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html, 2026-11.
const bucketName = /^(?!\d+\.\d+\.\d+\.\d+$)(?!.*\.\.)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;

/** AWS marks its own Arm processors by a "g" after the generation's digit (c7g, m6gd, im4gn); a1 came before that rule. */
function architectureOf(type: string): Architecture {
  return /^(a1|[a-z]+\d+g[a-z]*)\./.test(type) ? 'arm64' : 'x86_64';
}

function readable(read: Reader, key: string, path: string): string {
  try {
    readFileSync(path);
    return path;
  } catch (error) {
    throw read.wrong(key, `names ${path}, which cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
}

function readConfiguration(read: Reader, path: string): string {
  const text = readFileSync(readable(read, 'configuration', path), 'utf8');
  const bytes = Buffer.byteLength(text);
  if (bytes > maximumConfigurationBytes) {
    throw read.wrong('configuration', `names ${path} with ${bytes} bytes; ${maximumConfigurationBytes} fit into the instances' user data. Leave out what equals the defaults`);
  }
  return text;
}

class Reader {
  constructor(json: unknown, private readonly place: string, private readonly path: string) {
    if (typeof json !== 'object' || json === null || Array.isArray(json)) {
      throw new SettingsError(`${place}: ${path === '' ? 'the settings' : `"${path}"`} must be an object { ... }`);
    }
    this.values = new Map(Object.entries(json));
  }

  private readonly values: Map<string, unknown>;

  wrong(key: string, what: string): SettingsError {
    return new SettingsError(`${this.place}: "${this.nameOf(key)}" ${what}.`);
  }

  has(key: string): boolean {
    return this.values.has(key);
  }

  knowsOnly(keys: string[]): void {
    for (const key of this.values.keys()) {
      if (!keys.includes(key)) {
        throw this.wrong(key, `is not known. Known are: ${keys.join(', ')}`);
      }
    }
  }

  child(key: string, keys: string[]): Reader {
    if (!this.has(key)) {
      throw this.wrong(key, 'is missing');
    }
    const child = new Reader(this.values.get(key), this.place, this.nameOf(key));
    child.knowsOnly(keys);
    return child;
  }

  text(key: string, form: RegExp, meaning: string, fallback?: string): string {
    const value = this.values.get(key) ?? fallback;
    if (value === undefined) {
      throw this.wrong(key, `is missing; it is ${meaning}`);
    }
    if (typeof value !== 'string' || !form.test(value)) {
      throw this.wrong(key, `is ${JSON.stringify(value)}, but should be ${meaning}`);
    }
    return value;
  }

  texts(key: string, form: RegExp, meaning: string, fallback?: string[]): string[] {
    const value = this.values.get(key) ?? fallback;
    if (value === undefined) {
      throw this.wrong(key, `is missing; it is a list, each element ${meaning}`);
    }
    if (!Array.isArray(value)) {
      throw this.wrong(key, `must be a list [ ... ], each element ${meaning}`);
    }
    const elements = value as unknown[];
    const bad = elements.findIndex((element) => typeof element !== 'string' || !form.test(element));
    if (bad >= 0) {
      throw this.wrong(`${key}[${bad}]`, `is ${JSON.stringify(elements[bad])}, but should be ${meaning}`);
    }
    const repeated = elements.find((element, index) => elements.indexOf(element) !== index);
    if (repeated !== undefined) {
      throw this.wrong(key, `has ${JSON.stringify(repeated)} twice`);
    }
    return elements as string[];
  }

  whole(key: string, least: number, most: number, fallback: number): number {
    const value = this.values.get(key) ?? fallback;
    if (typeof value !== 'number' || !Number.isInteger(value) || value < least || value > most) {
      throw this.wrong(key, `is ${JSON.stringify(value)}, but should be a whole number from ${least} to ${most}`);
    }
    return value;
  }

  flag(key: string, fallback: boolean): boolean {
    const value = this.values.get(key) ?? fallback;
    if (typeof value !== 'boolean') {
      throw this.wrong(key, `is ${JSON.stringify(value)}, but should be true or false`);
    }
    return value;
  }

  private nameOf(key: string): string {
    return this.path === '' ? key : `${this.path}.${key}`;
  }
}
