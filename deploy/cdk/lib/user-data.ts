import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What a node is told at its first boot. None of it is secret: whoever may describe instances can read user data. */
export interface NodeFacts {
  readonly region: string;
  readonly buildUrl: string;
  readonly configuration: string;
  readonly groupName: string;
  readonly secretArn: string;
  readonly fileSystemId: string;
  readonly accessPointId: string;
  readonly logGroupName: string;
  readonly drainSeconds: number;
}

/** Numeric id of the node's user, and of the owner that the volume's access point gives to every file. */
export const nodeUserId = 7000;

const certificates = '/etc/akka-pipeline/database-certificates.pem';
const projectRoot = join(__dirname, '..', '..', '..', '..');
const nodeFiles = join(__dirname, '..', '..', 'node');
const endOfFile = 'END_OF_AKKA_PIPELINE_FILE';

/** The user data of a node: variables, files, and then node/install. */
export function userDataOf(facts: NodeFacts): string {
  const environment = readFileSync(join(projectRoot, 'deploy', 'systemd', 'environment'), 'utf8');
  return [
    '#!/bin/bash',
    ...variables({
      REGION: facts.region,
      BUILD: facts.buildUrl,
      GROUP: facts.groupName,
      FILE_SYSTEM: facts.fileSystemId,
      ACCESS_POINT: facts.accessPointId,
      DATABASE_CERTIFICATES: certificates,
      USER_ID: String(nodeUserId),
    }),
    'install -d -m 755 /etc/akka-pipeline /usr/local/lib/akka-pipeline /etc/systemd/system/akka-pipeline.service.d',
    file('/etc/akka-pipeline/environment', 644, environment),
    file('/etc/akka-pipeline/fleet', 644, [
      `REGION=${facts.region}`, `SECRET=${facts.secretArn}`, `DATABASE_CERTIFICATES=${certificates}`, `GROUP=${facts.groupName}`, `DRAIN_SECONDS=${facts.drainSeconds}`,
    ].join('\n')),
    file('/etc/akka-pipeline/pipeline.conf', 644, `pipeline.node.name = \${?PIPELINE_NODE_NAME}\n${facts.configuration}`),
    file('/etc/akka-pipeline/logs.json', 644, logsConfiguration(facts.logGroupName)),
    file('/etc/logrotate.d/akka-pipeline', 644, '/var/log/akka-pipeline/node.log {\n  size 100M\n  rotate 2\n  copytruncate\n  compress\n  missingok\n}'),
    file('/usr/local/lib/akka-pipeline/start', 755, readFileSync(join(nodeFiles, 'start'), 'utf8')),
    file('/usr/local/lib/akka-pipeline/leave', 755, readFileSync(join(nodeFiles, 'leave'), 'utf8')),
    file('/etc/systemd/system/akka-pipeline.service', 644, readFileSync(join(projectRoot, 'deploy', 'systemd', 'akka-pipeline.service'), 'utf8')),
    file('/etc/systemd/system/akka-pipeline.service.d/fleet.conf', 644, fleetUnit(facts.drainSeconds)),
    file('/etc/systemd/system/akka-pipeline-leave.service', 644, leaveUnit),
    readFileSync(join(nodeFiles, 'install'), 'utf8'),
  ].join('\n');
}

// Laid over deploy/systemd/akka-pipeline.service. Nobody looks after one node of a fleet, so whatever ended it, it is tried again, with its volume.
// The log is a file, because that is what CloudWatch's agent reads.
function fleetUnit(drainSeconds: number): string {
  return `[Service]
EnvironmentFile=/etc/akka-pipeline/fleet
ExecStartPre=+/bin/sh -c 'mountpoint -q /srv/fleet || mount /srv/fleet'
ExecStart=
ExecStart=/usr/local/lib/akka-pipeline/start
TimeoutStopSec=${drainSeconds + 15}
RestartSec=30
RestartPreventExitStatus=
LogsDirectory=akka-pipeline
StandardOutput=append:/var/log/akka-pipeline/node.log
StandardError=append:/var/log/akka-pipeline/node.log`;
}

const leaveUnit = `[Unit]
Description=Drains Akka.Pipeline when its Auto Scaling group takes this instance away
After=network-online.target akka-pipeline.service

[Service]
EnvironmentFile=/etc/akka-pipeline/fleet
ExecStart=/usr/local/lib/akka-pipeline/leave
Restart=on-failure
RestartSec=5

[Install]
WantedBy=multi-user.target`;

function logsConfiguration(logGroupName: string): string {
  return `{ "logs": { "force_flush_interval": 5, "logs_collected": { "files": { "collect_list": [
  { "file_path": "/var/log/akka-pipeline/node.log", "log_group_name": "${logGroupName}", "log_stream_name": "{instance_id}/node" },
  { "file_path": "/var/log/cloud-init-output.log", "log_group_name": "${logGroupName}", "log_stream_name": "{instance_id}/install" }
] } } } }`;
}

// Values are names and ARNs that AWS made, or were checked by the settings: none has a quote. They may be tokens, so they cannot be looked at here.
function variables(values: Record<string, string>): string[] {
  return Object.entries(values).map(([name, value]) => `${name}='${value}'`);
}

function file(path: string, mode: number, content: string): string {
  if (content.split(/\r?\n/).includes(endOfFile)) {
    throw new Error(`${path}: a line of it is ${endOfFile}, which ends files in the user data. Change that line.`);
  }
  return `cat > ${path} <<'${endOfFile}'\n${content.replace(/\n$/, '')}\n${endOfFile}\nchmod ${mode} ${path}`;
}
