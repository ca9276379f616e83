import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, Server } from 'node:http';
import { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { cdkFolder, scratch, templateOf, userDataIn } from './fleet';

const program = '#!/bin/sh\nprintf "%s\\n" "$@" > "$SEEN/arguments"\nprintf "%s" "$PIPELINE_DATABASE" > "$SEEN/database"\n';

/** A folder of stand-ins for commands. Each call is noted, one line with all its arguments, and then does what `acts` says for that command. */
class Commands {
  readonly folder = mkdtempSync(join(scratch, 'commands-'));
  private readonly log = join(this.folder, 'log');

  constructor(acts: Record<string, string>) {
    writeFileSync(this.log, '');
    for (const [name, act] of Object.entries(acts)) {
      writeFileSync(join(this.folder, name), `#!/bin/bash\nprintf '%s\\n' "${name} \${*//$'\\n'/ }" >> '${this.log}'\n${act}\n`, { mode: 0o755 });
    }
  }

  get path(): string {
    return `${this.folder}:${process.env['PATH']}`;
  }

  get calls(): string[] {
    return readFileSync(this.log, 'utf8').split('\n').filter((line) => line !== '');
  }
}

const scripts = ['node/start', 'node/leave', 'node/install', '../docker/make-secrets', '../test'];

test('Every script, and the user data as a whole, is good bash', () => {
  const userData = join(scratch, 'user-data');
  writeFileSync(userData, userDataIn(templateOf()));
  for (const script of [...scripts.map((name) => join(cdkFolder, name)), userData]) {
    const checked = spawnSync('bash', ['-n', script], { encoding: 'utf8' });
    assert.equal(checked.status, 0, `${script}: ${checked.stderr}`);
  }
});

test('The shell checker finds nothing', { skip: spawnSync('shellcheck', ['--version']).status !== 0 && 'shellcheck is not installed' }, () => {
  const checked = spawnSync('shellcheck', ['--shell=bash', ...scripts.map((name) => join(cdkFolder, name))], { encoding: 'utf8' });
  assert.equal(checked.status, 0, checked.stdout);
});

test('User data stays within what EC2 takes, with the longest configuration', () => {
  writeFileSync(join(scratch, 'long.conf'), '#'.repeat(4096));
  const names = 'x'.repeat(40 * 8);
  assert.ok(Buffer.byteLength(userDataIn(templateOf({ configuration: 'long.conf' })) + names) < 16384);
});

test('User data changes with the build, the configuration and the time to drain, so that nodes are replaced', () => {
  writeFileSync(join(scratch, 'other.conf'), 'pipeline.upload.slots = 8\n');
  const texts = [{}, { build: 's3://studio-builds/node-2.tar.gz' }, { configuration: 'other.conf' }, { drainSeconds: 60 }].map((changes) => userDataIn(templateOf(changes)));
  assert.equal(new Set(texts).size, texts.length);
});

test('A configuration that would end its own file in the user data is refused', () => {
  writeFileSync(join(scratch, 'ends.conf'), 'a = 1\nEND_OF_AKKA_PIPELINE_FILE\nrm -rf /\n');
  assert.throws(() => templateOf({ configuration: 'ends.conf' }), /pipeline\.conf: a line of it is END_OF_AKKA_PIPELINE_FILE/);
});

const password = `a"b;c'd\\e$f g=h`;
const start = join(cdkFolder, 'node', 'start');

function runStart(acts: Record<string, string>): { status: number | null; stderr: string; calls: string[]; database: string | undefined; arguments: string | undefined } {
  const commands = new Commands({ python3: 'PATH=${PATH#*:} exec python3 "$@"', ...acts });
  writeFileSync(join(commands.folder, 'program'), program, { mode: 0o755 });
  const ran = spawnSync('bash', [start], {
    encoding: 'utf8',
    env: { PATH: commands.path, REGION: 'eu-west-1', SECRET: 'arn:secret', DATABASE_CERTIFICATES: '/etc/certificates.pem', PROGRAM: join(commands.folder, 'program'), SEEN: commands.folder },
  });
  const seen = (name: string) => existsSync(join(commands.folder, name)) ? readFileSync(join(commands.folder, name), 'utf8') : undefined;
  return { status: ran.status, stderr: ran.stderr, calls: commands.calls, database: seen('database'), arguments: seen('arguments') };
}

test('A node gets its connection string by the environment only, whatever is in the password', () => {
  const secret = JSON.stringify({ host: 'db.example', port: 5432, dbname: 'pipeline', username: 'pipeline', password, engine: 'postgres' });
  const ran = runStart({ aws: `cat <<'SECRET'\n${secret}\nSECRET` });
  assert.equal(ran.status, 0, ran.stderr);
  assert.equal(ran.database, `Host="db.example";Port="5432";Database="pipeline";Username="pipeline";Password="${password.replace('"', '""')}";SSL Mode="VerifyFull";Root Certificate="/etc/certificates.pem"`);
  assert.equal(ran.arguments, 'run\n-c\n/etc/akka-pipeline/pipeline.conf\n--data\n/var/lib/akka-pipeline/data\n');
  assert.equal(ran.calls.length, 2);
  assert.ok(ran.calls.every((call) => !call.includes('a"b') && !call.includes('db.example')), ran.calls.join('\n'));
});

test('Without the secret the node does not start, and its exit code makes systemd try again', () => {
  for (const aws of ['exit 254', 'echo "{}"', 'echo "no JSON"']) {
    const ran = runStart({ aws });
    assert.ok(![0, 2, 3, null].includes(ran.status), `${aws}: ${ran.status}`);
    assert.equal(ran.arguments, undefined);
  }
});

/** Metadata as an instance sees it: version 2 only. The state is "InService" for the first looks. */
async function withMetadata(looksInService: number, use: (endpoint: string) => Promise<void>): Promise<void> {
  let looks = 0;
  const server: Server = createServer((request, response) => {
    const answer = (status: number, text: string) => { response.statusCode = status; response.end(text); };
    if (request.method === 'PUT' && request.url === '/latest/api/token' && request.headers['x-aws-ec2-metadata-token-ttl-seconds'] !== undefined) {
      answer(200, 'a-token');
    } else if (request.headers['x-aws-ec2-metadata-token'] !== 'a-token') {
      answer(401, '');
    } else if (request.url === '/latest/meta-data/autoscaling/target-lifecycle-state') {
      answer(200, looks++ < looksInService ? 'InService' : 'Terminated');
    } else {
      answer(request.url === '/latest/meta-data/instance-id' ? 200 : 404, 'i-0123456789abcdef0');
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    assert.ok(looks > looksInService, 'the state was asked until it changed');
  } finally {
    server.close();
  }
}

function runLeave(commands: Commands, endpoint: string, drainSeconds: string): Promise<number | null> {
  const leave = spawn('bash', [join(cdkFolder, 'node', 'leave')], {
    stdio: 'ignore',
    env: { PATH: commands.path, REGION: 'eu-west-1', GROUP: 'fleet-nodes', DRAIN_SECONDS: drainSeconds, POLL_SECONDS: '0.01', AWS_EC2_METADATA_SERVICE_ENDPOINT: endpoint, PROGRAM: '/opt/node' },
  });
  return new Promise((resolve) => leave.on('close', resolve));
}

const drained = [
  'runuser -u akka-pipeline -- /opt/node drain --data /var/lib/akka-pipeline/data',
  'systemctl stop akka-pipeline.service',
  'aws autoscaling complete-lifecycle-action --region eu-west-1 --auto-scaling-group-name fleet-nodes --lifecycle-hook-name node-drain --instance-id i-0123456789abcdef0 --lifecycle-action-result CONTINUE',
];

test('An instance that is taken away drains, stops and then tells the group, in this order', async () => {
  const commands = new Commands({ runuser: '', systemctl: '', aws: '' });
  await withMetadata(3, async (endpoint) => {
    assert.equal(await runLeave(commands, endpoint, '60'), 0);
  });
  assert.deepEqual(commands.calls, drained);
});

test('A drain that fails, or does not end, does not keep the instance', async () => {
  for (const runuser of ['exit 2', 'exec sleep 60']) {
    const commands = new Commands({ runuser, systemctl: 'exit 5', aws: '' });
    await withMetadata(0, async (endpoint) => {
      assert.equal(await runLeave(commands, endpoint, '0.3'), 0);
    });
    assert.deepEqual(commands.calls, drained);
  }
});

/** Runs the whole user data with every absolute path of it moved below one folder, and with stand-ins for what only an instance of EC2 has. */
function runUserData(acts: Record<string, string> = {}): { status: number | null; output: string; calls: string[]; root: string } {
  const root = mkdtempSync(join(scratch, 'instance-'));
  for (const folder of ['etc/logrotate.d', 'etc/systemd/system', 'usr/local/lib', 'opt', 'srv', 'var/log/akka-pipeline', 'build']) {
    mkdirSync(join(root, folder), { recursive: true });
  }
  writeFileSync(join(root, 'etc/fstab'), '');
  writeFileSync(join(root, 'var/log/akka-pipeline/node.log'), 'the last words of the node\n');
  writeFileSync(join(root, 'build/Akka.Pipeline.Node'), '#!/bin/sh\n', { mode: 0o755 });
  assert.equal(spawnSync('tar', ['-czf', join(root, 'build.tar.gz'), '-C', join(root, 'build'), '.']).status, 0);
  const commands = new Commands({
    curl: 'case "$*" in *api/token*) echo a-token;; *instance-id*) echo i-0123456789abcdef0;; *truststore*) while [ "$1" != -o ]; do shift; done; echo certificates > "$2";; esac',
    aws: `case "$*" in "s3 cp"*) cp '${root}/build.tar.gz' "\${@: -1}";; esac`,
    dnf: '', useradd: '', mount: '', mountpoint: '', sleep: '', systemctl: '', 'agent-ctl': '',
    ...acts,
  });
  const agent = join(root, 'opt/aws/amazon-cloudwatch-agent/bin');
  mkdirSync(agent, { recursive: true });
  symlinkSync(join(commands.folder, 'agent-ctl'), join(agent, 'amazon-cloudwatch-agent-ctl'));
  const text = userDataIn(templateOf()).replace(/(?<![\w}/])\/(etc|opt|srv|usr|var)\//g, `${root}/$1/`).replace(/(?<![\w}/])\/srv\/fleet/g, `${root}/srv/fleet`);
  writeFileSync(join(root, 'user-data'), text);
  const ran = spawnSync('bash', [join(root, 'user-data')], { encoding: 'utf8', env: { PATH: commands.path } });
  return { status: ran.status, output: ran.stdout + ran.stderr, calls: commands.calls, root };
}

const lastCall = (calls: string[]) => calls[calls.length - 1] ?? '';

test('A first boot installs everything, starts the node for this boot and the next ones, and reports ready', () => {
  const ran = runUserData();
  assert.equal(ran.status, 0, ran.output);
  const text = (name: string) => readFileSync(join(ran.root, name), 'utf8');
  assert.ok(statSync(join(ran.root, 'opt/akka-pipeline/Akka.Pipeline.Node')).mode & 0o100);
  assert.ok(!existsSync(join(ran.root, 'opt/akka-pipeline.tar.gz')));
  for (const script of ['start', 'leave']) {
    assert.ok(statSync(join(ran.root, 'usr/local/lib/akka-pipeline', script)).mode & 0o100, script);
  }
  assert.match(text('etc/systemd/system/akka-pipeline.service'), /^WantedBy=multi-user\.target$/m);
  assert.match(text('etc/systemd/system/akka-pipeline.service.d/fleet.conf'), /^ExecStart=\nExecStart=\S*\/usr\/local\/lib\/akka-pipeline\/start$/m);
  assert.match(text('etc/fstab'), /^<VolumeA\w+>:\/ \S*\/srv\/fleet efs _netdev,nofail,tls,iam,accesspoint=<VolumeFleet\w+> 0 0$/m);
  assert.match(text('etc/akka-pipeline/pipeline.conf'), /^pipeline\.node\.name = \$\{\?PIPELINE_NODE_NAME\}\npipeline\.routes\.shots/);
  assert.match(text('etc/akka-pipeline/environment'), /^PIPELINE_NODE_NAME=i-0123456789abcdef0$/m);
  assert.match(text('etc/akka-pipeline/fleet'), /^SECRET=<DatabaseSecretAttachment\w+>$/m);
  assert.doesNotThrow(() => JSON.parse(text('etc/akka-pipeline/logs.json')));
  assert.ok(ran.calls.includes('systemctl enable --now akka-pipeline.service akka-pipeline-leave.service'), ran.calls.join('\n'));
  assert.ok(ran.calls.some((call) => call.startsWith('useradd --system --uid 7000 ')));
  assert.match(lastCall(ran.calls), /^aws autoscaling complete-lifecycle-action .*--lifecycle-hook-name node-ready --instance-id i-0123456789abcdef0 --lifecycle-action-result CONTINUE$/);
  assert.match(lastCall(ran.calls), /--auto-scaling-group-name fleet-nodes /);
});

test('The volume is mounted before the node starts, and its name may be late', () => {
  const ran = runUserData({ mount: 'count=$(($(cat "$0.count" 2>/dev/null || echo 0) + 1)); echo $count > "$0.count"; [ $count -ge 4 ]' });
  assert.equal(ran.status, 0, ran.output);
  const names = ran.calls.map((call) => call.split(' ').slice(0, 2).join(' '));
  assert.equal(names.filter((name) => name.startsWith('mount /') || name.startsWith('mount ' + ran.root)).length, 4);
  assert.ok(names.lastIndexOf(`mount ${ran.root}/srv/fleet`) < names.indexOf('systemctl enable'));
});

test('An instance on which anything fails is given back', () => {
  const failures: Record<string, string>[] = [
    { dnf: 'exit 1' },
    { mount: 'exit 32' },
    { mountpoint: 'exit 1' },
    { aws: '[ "$1" != s3 ]' },
    { systemctl: '[ "$1" != is-active ]' },
  ];
  for (const acts of failures) {
    const ran = runUserData(acts);
    assert.notEqual(ran.status, 0, JSON.stringify(acts));
    assert.match(lastCall(ran.calls), /--lifecycle-hook-name node-ready .*--lifecycle-action-result ABANDON$/, JSON.stringify(acts));
  }
});

test('systemd understands the units as the instance has them', { skip: spawnSync('systemd-analyze', ['--version']).status !== 0 && 'systemd is not installed' }, () => {
  const { root } = runUserData();
  const units = join(scratch, 'units');
  cpSync(join(root, 'etc/systemd/system'), units, { recursive: true });
  chmodSync(units, 0o755);
  const checked = spawnSync('systemd-analyze', ['verify', '--man=no', join(units, 'akka-pipeline.service'), join(units, 'akka-pipeline-leave.service')], {
    encoding: 'utf8', env: { ...process.env, SYSTEMD_UNIT_PATH: `${units}:` },
  });
  assert.doesNotMatch(checked.stderr, /akka-pipeline\S*:\d+:|bad unit file|Unknown key|Failed to parse/i, checked.stderr);
});
