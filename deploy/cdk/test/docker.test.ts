import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import Ajv from 'ajv';
import { DockerfileParser, Entrypoint, JSONInstruction } from 'dockerfile-ast';
import { validate, ValidationSeverity } from 'dockerfile-utils';
import { parse } from 'yaml';
import { cdkFolder, projectFolder, scratch } from './fleet';

const dockerFolder = join(projectFolder, 'deploy', 'docker');
const dockerfileText = readFileSync(join(dockerFolder, 'Dockerfile'), 'utf8');
const composeText = readFileSync(join(dockerFolder, 'compose.yaml'), 'utf8');

const strict = {
  deprecatedMaintainer: ValidationSeverity.ERROR, directiveCasing: ValidationSeverity.ERROR, emptyContinuationLine: ValidationSeverity.ERROR, instructionCasing: ValidationSeverity.ERROR,
  instructionCmdMultiple: ValidationSeverity.ERROR, instructionEntrypointMultiple: ValidationSeverity.ERROR, instructionHealthcheckMultiple: ValidationSeverity.ERROR,
  instructionJSONInSingleQuotes: ValidationSeverity.ERROR, instructionWorkdirRelative: ValidationSeverity.ERROR,
};
const faultsOf = (text: string) => validate(text, strict).map((fault) => `line ${fault.range.start.line + 1}: ${fault.message}`);

test('The Dockerfile is one, and the checker can tell', () => {
  assert.deepEqual(faultsOf(dockerfileText), []);
  for (const [from, to] of [['ENTRYPOINT', 'ENTRYPIONT'], ['--from=build', '--form=build'], ['["dotnet", "/opt/akka-pipeline/Akka.Pipeline.Node.dll"]', "['dotnet']"], ['USER 1654:1654', 'USER'], ['WORKDIR /source', 'WORKDIR source']] as const) {
    assert.equal(faultsOf(dockerfileText.replace(from, to)).length, 1, to);
  }
});

test('The image runs the program itself, as nobody in particular, and keeps its data in volumes', () => {
  const instructions = DockerfileParser.parse(dockerfileText).getInstructions();
  const names = instructions.map((instruction) => instruction.getKeyword());
  assert.equal(names.filter((name) => name === 'FROM').length, 2, 'what builds is not in the image');
  const last = instructions.slice(names.lastIndexOf('FROM'));
  const of = (name: string) => last.filter((instruction) => instruction.getKeyword() === name);
  const words = (name: string) => (of(name)[0] as JSONInstruction).getJSONStrings().map((word) => word.getJSONValue());
  assert.match(of('FROM')[0]!.getRawArgumentsContent() ?? '', /\/aspnet:10\.0$/);
  assert.equal(of('USER')[0]!.getRawArgumentsContent(), '1654:1654');
  assert.ok(of('ENTRYPOINT')[0] instanceof Entrypoint);
  assert.deepEqual(words('ENTRYPOINT'), ['dotnet', '/opt/akka-pipeline/Akka.Pipeline.Node.dll']);
  assert.equal(of('STOPSIGNAL')[0]!.getRawArgumentsContent(), 'SIGTERM');
  assert.deepEqual(words('VOLUME'), ['/var/lib/akka-pipeline', '/srv/source']);
  assert.deepEqual(words('CMD'), ['run', '-c', '/etc/akka-pipeline/pipeline.conf', '--data', '/var/lib/akka-pipeline/data']);
  assert.doesNotMatch(dockerfileText, /password|secret|token|AWS_/i);
});

test('The build gets what it reads, and nothing that may be secret', () => {
  const lines = readFileSync(join(dockerFolder, 'Dockerfile.dockerignore'), 'utf8').split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  assert.equal(lines[0], '*');
  const admitted = lines.filter((line) => line.startsWith('!')).map((line) => line.slice(1));
  assert.deepEqual(admitted, ['.ci', '.editorconfig', 'Directory.Build.props', 'Directory.Build.targets', 'Directory.Packages.props', 'global.json', 'hocon', 'src']);
  for (const name of admitted) {
    assert.ok(existsSync(join(projectFolder, name)), name);
  }
  assert.ok(existsSync(join(projectFolder, 'src', 'Akka.Pipeline.Node', 'Akka.Pipeline.Node.csproj')));
});

interface Service {
  readonly image: string;
  readonly build?: { readonly context: string; readonly dockerfile: string };
  readonly command?: string[];
  readonly environment?: Record<string, string>;
  readonly volumes: string[];
  readonly secrets?: (string | { source: string; target: string })[];
  readonly configs?: { source: string; target: string }[];
  readonly depends_on?: Record<string, { condition: string }>;
  readonly healthcheck?: { test: string[] };
  readonly networks: string[];
  readonly ports?: unknown;
  readonly stop_grace_period?: string;
  readonly cap_drop?: string[];
  readonly read_only?: boolean;
}
interface Compose {
  readonly services: Record<string, Service>;
  readonly networks: Record<string, { internal: boolean }>;
  readonly volumes: Record<string, null>;
  readonly secrets: Record<string, { file: string }>;
  readonly configs: Record<string, { file: string }>;
}

const read = (text: string) => parse(text, { merge: true }) as Compose;
const compose = read(composeText);
const service = (name: string): Service => compose.services[name] ?? assert.fail(`no service ${name}`);
const nodes = ['node-1', 'node-2'];

// The Compose Specification's own schema, as the linter "dclint" ships it.
const schema = JSON.parse(readFileSync(join(cdkFolder, 'node_modules', 'dclint', 'schemas', 'compose.schema.json'), 'utf8')) as Record<string, unknown>;
delete schema['$schema'];
const fits = new Ajv({ strict: false, validateFormats: false }).compile(schema);

test('The compose file fits the schema of the Compose Specification, and the check can tell', () => {
  assert.ok(fits(compose), JSON.stringify(fits.errors));
  for (const [from, to] of [['healthcheck:', 'healthchek:'], ['restart: unless-stopped', 'restart: [always]'], ['condition: service_healthy', 'condition: happy'], ['internal: true', 'inside: true']] as const) {
    assert.ok(!fits(read(composeText.replace(from, to))), to);
  }
});

test('Two nodes share one source, each with data of its own', () => {
  const [first, second] = nodes.map((name) => service(name).volumes);
  assert.deepEqual(first, ['source:/srv/source', 'node-1:/var/lib/akka-pipeline']);
  assert.deepEqual(second, ['source:/srv/source', 'node-2:/var/lib/akka-pipeline']);
  for (const volume of Object.values(compose.services).flatMap((each) => each.volumes)) {
    assert.ok(volume.split(':')[0]! in compose.volumes, volume);
  }
});

test('Nodes start when database and store are healthy, and have time to stop', () => {
  for (const name of nodes) {
    assert.deepEqual(service(name).depends_on, { database: { condition: 'service_healthy' }, store: { condition: 'service_healthy' } });
    assert.equal(service(name).stop_grace_period, '45s');
  }
  assert.deepEqual(service('database').healthcheck?.test.slice(0, 2), ['CMD', 'pg_isready']);
  assert.ok(service('store').healthcheck);
  assert.equal(service('database').image, 'postgres:15');
});

test('What is built is there, and all that use it build it', () => {
  for (const name of [...nodes, 'store']) {
    const { build, image } = service(name);
    assert.equal(image, 'akka-pipeline:local');
    assert.ok(existsSync(join(dockerFolder, build!.context, build!.dockerfile)), name);
  }
});

test('Nothing listens outside, and the program runs without rights', () => {
  assert.equal(compose.networks['fleet']?.internal, true);
  for (const [name, each] of Object.entries(compose.services)) {
    assert.equal(each.ports, undefined, name);
    assert.deepEqual(each.networks, ['fleet'], name);
  }
  for (const name of [...nodes, 'store']) {
    assert.deepEqual(service(name).cap_drop, ['ALL']);
    assert.equal(service(name).read_only, true);
  }
});

test('Secrets are files: none is in an environment, an argument or the repository', () => {
  for (const [name, each] of Object.entries(compose.services)) {
    for (const [key, value] of Object.entries(each.environment ?? {})) {
      assert.ok(!/password|secret|key|database$/i.test(key) || value.startsWith('/run/secrets/') , `${name}: ${key}`);
    }
    assert.doesNotMatch((each.command ?? []).join(' '), /password|secret/i, name);
    for (const secret of each.secrets ?? []) {
      assert.ok((typeof secret === 'string' ? secret : secret.source) in compose.secrets, name);
    }
  }
  for (const { file } of Object.values(compose.secrets)) {
    assert.match(file, /^\.\/secrets\//);
    assert.equal(spawnSync('git', ['check-ignore', '--quiet', join(dockerFolder, file)], { cwd: projectFolder }).status, 0, `${file} is not ignored by git`);
  }
});

test('The configuration of the nodes agrees with the compose file', () => {
  const [config] = service('node-1').configs!;
  assert.equal(config!.target, '/etc/akka-pipeline/pipeline.conf');
  const text = readFileSync(join(dockerFolder, compose.configs[config!.source]!.file), 'utf8');
  const database = service('node-1').secrets!.find((secret) => typeof secret !== 'string');
  assert.ok(text.includes(`include required(file("/run/secrets/${(database as { target: string }).target}"))`));
  assert.match(text, /source = "\/srv\/source"/);
  assert.match(text, /scope = fleet/);
  const port = /store\.endpoint = "http:\/\/store:(\d+)"/.exec(text)?.[1];
  assert.ok(service('store').command!.includes(`0.0.0.0:${port}`));
  assert.ok(service('store').healthcheck!.test.join(' ').includes(`/127.0.0.1/${port}`));
});

test('Secrets are made once, differ each time, and agree with each other', () => {
  const made = [0, 1].map(() => {
    const folder = mkdtempSync(join(scratch, 'docker-'));
    cpSync(join(dockerFolder, 'make-secrets'), join(folder, 'make-secrets'));
    const make = () => spawnSync('bash', [join(folder, 'make-secrets')], { encoding: 'utf8' });
    assert.equal(make().status, 0);
    const again = make();
    assert.equal(again.status, 1);
    assert.match(again.stderr, /is there already/);
    assert.equal(statSync(join(folder, 'secrets')).mode & 0o777, 0o700);
    for (const { file } of Object.values(compose.secrets)) {
      assert.equal(statSync(join(folder, file)).mode & 0o777, 0o644, file);
    }
    const password = readFileSync(join(folder, 'secrets', 'database-password'), 'utf8');
    assert.match(password, /^[0-9a-f]{48}$/);
    assert.equal(
      readFileSync(join(folder, 'secrets', 'database.conf'), 'utf8'),
      `pipeline.fleet.database = "Host=database;Database=${service('database').environment!['POSTGRES_DB']};Username=${service('database').environment!['POSTGRES_USER']};Password=${password}"\n`);
    return password;
  });
  assert.notEqual(made[0], made[1]);
});
