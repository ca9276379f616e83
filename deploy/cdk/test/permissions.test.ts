import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { actionsOfRequests } from '../lib/permissions';
import { listOf, projectFolder, Statement, statementsOf, templateOf, textOf } from './fleet';

function nodeStatement(sid: string, changes: object = {}): Statement {
  const found = statementsOf(templateOf(changes)).find(({ statement }) => statement.Sid === sid);
  assert.ok(found, `there is no statement ${sid}`);
  return found.statement;
}

const actions = (statement: Statement) => (listOf(statement.Action) as string[]).sort();
const resources = (statement: Statement) => listOf(statement.Resource).map(textOf).sort();

test('A node may do to the named buckets what the program asks for, and nothing else', () => {
  const store = nodeStatement('StoreObjects');
  assert.deepEqual(actions(store), ['s3:AbortMultipartUpload', 's3:GetObject', 's3:ListMultipartUploadParts', 's3:PutObject', 's3:PutObjectTagging']);
  assert.deepEqual(resources(store), ['arn:aws:s3:::studio-archive/*', 'arn:aws:s3:::studio-shots/*']);
  const find = nodeStatement('FindBuckets');
  assert.deepEqual(actions(find), ['s3:ListBucket', 's3:ListBucketMultipartUploads']);
  assert.deepEqual(resources(find), ['arn:aws:s3:::studio-archive', 'arn:aws:s3:::studio-shots']);
});

test('Every S3 request in the source has its actions in the role, and the role has no others', () => {
  const folder = join(projectFolder, 'src', 'Akka.Pipeline.Storage', 'S3');
  const sources = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.cs')).map((name) => readFileSync(join(folder, name), 'utf8'));
  const others = ['GetCallerIdentityRequest', 'HttpRequest', 'HttpRequestMessage'];
  const made = new Set(sources.flatMap((text) => [...text.matchAll(/\bnew ([A-Z]\w*Request)\b/g)].map((match) => match[1]!)).filter((name) => !others.includes(name)));
  assert.deepEqual([...made].sort(), Object.keys(actionsOfRequests).sort(), 'deploy/cdk/lib/permissions.ts and src/Akka.Pipeline.Storage/S3 differ: say there what a new request needs');
});

test('Objects cannot be deleted by a node', () => {
  const allowed = statementsOf(templateOf({ operatorShell: true, kmsKeys: ['arn:aws:kms:eu-west-1:123456789012:key/abc'] })).filter(({ statement }) => statement.Effect === 'Allow');
  assert.ok(allowed.length > 5);
  assert.deepEqual(allowed.flatMap(({ statement }) => actions(statement)).filter((action) => /delete|putobjectacl|\*/i.test(action)), []);
});

test('No statement allows every action, or an action on everything', () => {
  const everywhere = statementsOf(templateOf({ operatorShell: true, kmsKeys: ['arn:aws:kms:eu-west-1:123456789012:key/abc'] }));
  for (const { place, statement } of everywhere) {
    assert.ok(!('NotAction' in statement) && !('NotResource' in statement), `${place}: ${statement.Sid}`);
    if (statement.Effect === 'Allow') {
      assert.ok(actions(statement).every((action) => !action.includes('*')), `${place}: ${statement.Sid} allows ${actions(statement).join()}`);
      // A role's trust policy has no resource: it is about the role itself.
      assert.ok(place === 'AWS::IAM::Role' || resources(statement).every((resource) => resource !== '*' && resource.length > 1), `${place}: ${statement.Sid} is on everything`);
    }
  }
});

test('What stands on everything only denies: requests and mounts without TLS', () => {
  const denied = statementsOf(templateOf()).filter(({ statement }) => statement.Effect === 'Deny');
  assert.deepEqual(denied.map(({ place }) => place).sort(), ['AWS::EFS::FileSystem', 'AWS::S3::BucketPolicy']);
  assert.ok(denied.every(({ statement }) => statement.Condition?.['Bool']?.['aws:SecureTransport'] === 'false'));
});

test('Each other right of a node is on one thing of this stack', () => {
  const secret = nodeStatement('ReadDatabaseSecret');
  assert.deepEqual(actions(secret), ['secretsmanager:GetSecretValue']);
  assert.match(resources(secret).join(), /^<DatabaseSecretAttachment\w+>$/);
  const mount = nodeStatement('MountVolume');
  assert.deepEqual(actions(mount), ['elasticfilesystem:ClientMount', 'elasticfilesystem:ClientWrite']);
  assert.match(resources(mount).join(), /^<Volume\w+\.Arn>$/);
  assert.match(textOf(mount.Condition?.['StringEquals']?.['elasticfilesystem:AccessPointArn']), /access-point\/<VolumeFleet\w+>$/);
  const logs = nodeStatement('WriteLogs');
  assert.deepEqual(actions(logs), ['logs:CreateLogStream', 'logs:PutLogEvents']);
  assert.match(resources(logs).join(), /^<Logs\w+\.Arn>$/);
  const hooks = nodeStatement('AnswerLifecycleHooks');
  assert.deepEqual(actions(hooks), ['autoscaling:CompleteLifecycleAction']);
  assert.deepEqual(resources(hooks), ['arn:aws:autoscaling:eu-west-1:123456789012:autoScalingGroup:*:autoScalingGroupName/fleet-nodes']);
});

test('The build is the only object that a node reads outside its buckets', () => {
  assert.deepEqual(resources(nodeStatement('FetchBuild')), ['arn:aws:s3:::studio-builds/node.tar.gz']);
  const asset = nodeStatement('FetchBuild', { build: 'build.tar.gz' });
  assert.deepEqual(actions(asset), ['s3:GetObject']);
  assert.match(resources(asset).join(), /^arn:aws:s3:::cdk-hnb659fds-assets-123456789012-eu-west-1\/[0-9a-f]{64}\.gz$/);
});

test('Keys of encrypted buckets are for storing only, and there only if named', () => {
  assert.ok(!statementsOf(templateOf()).some(({ statement }) => actions(statement).some((action) => action.startsWith('kms:'))));
  const key = nodeStatement('EncryptObjects', { kmsKeys: ['arn:aws:kms:eu-west-1:123456789012:key/abc'] });
  assert.deepEqual(actions(key), ['kms:Decrypt', 'kms:GenerateDataKey']);
  assert.deepEqual(resources(key), ['arn:aws:kms:eu-west-1:123456789012:key/abc']);
});

test('A secret of another database role replaces the right to the first', () => {
  const arn = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:pipeline-node-AbCdEf';
  assert.deepEqual(resources(nodeStatement('ReadDatabaseSecret', { databaseSecret: arn })), [arn]);
});

test('A shell for operators is there only if asked for', () => {
  const managed = (changes: object) => Object.values(templateOf(changes).findResources('AWS::IAM::Role')).flatMap((role) => (role['Properties'] as { ManagedPolicyArns?: unknown[] }).ManagedPolicyArns ?? []).map(textOf);
  assert.deepEqual(managed({}), []);
  assert.deepEqual(managed({ operatorShell: true }), ['arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore']);
});
