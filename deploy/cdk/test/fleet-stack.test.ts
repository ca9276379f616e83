import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { leastSettings, templateOf, userDataIn } from './fleet';

const template = templateOf();

interface Rule { readonly GroupId?: unknown; readonly SourceSecurityGroupId?: unknown; readonly CidrIp?: string; readonly FromPort: number; readonly ToPort: number; readonly IpProtocol: string }

/** All rules that let something in, wherever the template keeps them. */
function ingressOf(of: Template): Rule[] {
  const inline = Object.values(of.findResources('AWS::EC2::SecurityGroup')).flatMap((group) => ((group['Properties'] as { SecurityGroupIngress?: Rule[] }).SecurityGroupIngress ?? []));
  return [...inline, ...Object.values(of.findResources('AWS::EC2::SecurityGroupIngress')).map((rule) => rule['Properties'] as Rule)];
}

function only(of: Template, type: string): { readonly Properties: Record<string, unknown>; readonly DeletionPolicy?: string; readonly UpdateReplacePolicy?: string; readonly DependsOn?: string[]; readonly UpdatePolicy?: Record<string, Record<string, unknown>> } {
  const found = Object.values(of.findResources(type));
  assert.equal(found.length, 1, `${type}: ${found.length}`);
  return found[0] as never;
}

test('The nodes are spot instances of several types, from the pools that are cheap and deep, with rebalancing', () => {
  template.hasResourceProperties('AWS::AutoScaling::AutoScalingGroup', {
    CapacityRebalance: true,
    MinSize: '2',
    MaxSize: '4',
    MixedInstancesPolicy: {
      InstancesDistribution: { OnDemandBaseCapacity: 0, OnDemandPercentageAboveBaseCapacity: 0, SpotAllocationStrategy: 'price-capacity-optimized' },
      LaunchTemplate: { Overrides: ['c7g.large', 'c6g.large', 'c6gn.large', 'm7g.large', 'm6g.large', 'r7g.large', 'r6g.large'].map((InstanceType) => ({ InstanceType })) },
    },
  });
  assert.equal((only(template, 'AWS::AutoScaling::AutoScalingGroup').Properties['VPCZoneIdentifier'] as unknown[]).length, 3);
});

test('Nodes have a name where instances are listed', () => {
  template.hasResourceProperties('AWS::AutoScaling::AutoScalingGroup', { Tags: [{ Key: 'Name', PropagateAtLaunch: true, Value: Match.anyValue() }] });
});

test('On-demand nodes, sizes and types follow the settings', () => {
  templateOf({ onDemandNodes: 1, minimumNodes: 3, maximumNodes: 9, instanceTypes: ['c6g.xlarge', 'm6g.xlarge'] }).hasResourceProperties('AWS::AutoScaling::AutoScalingGroup', {
    MinSize: '3',
    MaxSize: '9',
    MixedInstancesPolicy: { InstancesDistribution: { OnDemandBaseCapacity: 1 }, LaunchTemplate: { Overrides: [{ InstanceType: 'c6g.xlarge' }, { InstanceType: 'm6g.xlarge' }] } },
  });
});

test('The image has the architecture of the types', () => {
  const images = (of: Template) => JSON.stringify(of.toJSON()['Parameters']);
  assert.match(images(template), /al2023-ami-kernel-\S+-arm64/);
  const x86 = templateOf({ architecture: 'x86_64' });
  assert.match(images(x86), /al2023-ami-kernel-\S+-x86_64/);
  assert.doesNotMatch(images(x86), /arm64/);
  x86.hasResourceProperties('AWS::AutoScaling::AutoScalingGroup', { MixedInstancesPolicy: { LaunchTemplate: { Overrides: Match.arrayWith([{ InstanceType: 'c6a.large' }]) } } });
});

test('Instance metadata answers version 2 only, and no further than the instance', () => {
  template.hasResourceProperties('AWS::EC2::LaunchTemplate', { LaunchTemplateData: { MetadataOptions: { HttpEndpoint: 'enabled', HttpTokens: 'required', HttpPutResponseHopLimit: 1 } } });
});

test('Disks, volume and database are encrypted', () => {
  const disks = (only(template, 'AWS::EC2::LaunchTemplate').Properties['LaunchTemplateData'] as { BlockDeviceMappings: unknown }).BlockDeviceMappings;
  assert.deepEqual(disks, [{ DeviceName: '/dev/xvda', Ebs: { DeleteOnTermination: true, Encrypted: true, VolumeSize: 30, VolumeType: 'gp3' } }]);
  template.hasResourceProperties('AWS::EFS::FileSystem', { Encrypted: true });
  template.hasResourceProperties('AWS::RDS::DBInstance', { StorageEncrypted: true });
});

test('An instance is in service when its node runs, and gets time to drain when it goes', () => {
  templateOf({ drainSeconds: 300 }).hasResourceProperties('AWS::AutoScaling::AutoScalingGroup', {
    LifecycleHookSpecificationList: [
      { LifecycleHookName: 'node-ready', LifecycleTransition: 'autoscaling:EC2_INSTANCE_LAUNCHING', DefaultResult: 'ABANDON', HeartbeatTimeout: 1200 },
      { LifecycleHookName: 'node-drain', LifecycleTransition: 'autoscaling:EC2_INSTANCE_TERMINATING', DefaultResult: 'CONTINUE', HeartbeatTimeout: 420 },
    ],
  });
});

test('A new version replaces one node at a time', () => {
  const update = only(template, 'AWS::AutoScaling::AutoScalingGroup').UpdatePolicy?.['AutoScalingRollingUpdate'];
  assert.equal(update?.['MaxBatchSize'], 1);
});

test('Nodes come after what they need: database, mount targets and their rights', () => {
  const waits = only(template, 'AWS::AutoScaling::AutoScalingGroup').DependsOn ?? [];
  for (const needed of ['Database', 'DatabaseSecretAttachment', 'NodePermissions', 'VolumeEfsMountTarget1', 'VolumeEfsMountTarget2', 'VolumeEfsMountTarget3']) {
    assert.ok(waits.some((name) => new RegExp(`^${needed}[0-9A-F]{8}$`).test(name)), `${needed} is not among ${waits.join()}`);
  }
});

test('The volume has a mount target in every zone, an access point for the fleet, and takes no mount without TLS', () => {
  template.resourceCountIs('AWS::EFS::MountTarget', 3);
  template.hasResourceProperties('AWS::EFS::FileSystem', { ThroughputMode: 'elastic', FileSystemPolicy: { Statement: [{ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }] } });
  template.hasResourceProperties('AWS::EFS::AccessPoint', {
    PosixUser: { Uid: '7000', Gid: '7000' },
    RootDirectory: { Path: '/fleet', CreationInfo: { OwnerUid: '7000', OwnerGid: '7000', Permissions: '770' } },
  });
});

test('The database is small, private, asks for TLS, and keeps backups', () => {
  template.hasResourceProperties('AWS::RDS::DBInstance', {
    Engine: 'postgres', EngineVersion: '15', DBInstanceClass: 'db.t4g.small', PubliclyAccessible: false, MultiAZ: false, BackupRetentionPeriod: 7, AllocatedStorage: '20', DBName: 'pipeline',
  });
  template.hasResourceProperties('AWS::RDS::DBParameterGroup', { Family: 'postgres15', Parameters: { 'rds.force_ssl': '1' } });
  templateOf({ databaseStandby: true, databaseInstance: 'db.m7g.large' }).hasResourceProperties('AWS::RDS::DBInstance', { MultiAZ: true, DBInstanceClass: 'db.m7g.large' });
});

test('The password is made by Secrets Manager, and nowhere else', () => {
  template.hasResourceProperties('AWS::SecretsManager::Secret', { GenerateSecretString: { GenerateStringKey: 'password', PasswordLength: 30 } });
  const password = JSON.stringify(only(template, 'AWS::RDS::DBInstance').Properties['MasterUserPassword']);
  assert.match(password, /resolve:secretsmanager:/);
  const places = JSON.stringify(template.toJSON()).split('resolve:secretsmanager:').length - 1;
  assert.equal(places, 1, 'the database reads it, and no second place');
  assert.doesNotMatch(userDataIn(template), /resolve:secretsmanager|PGPASSWORD|Password=/);
});

test('Only nodes reach the database and the volume, and nothing reaches the nodes', () => {
  const rules = ingressOf(template);
  assert.deepEqual(rules.map((rule) => [rule.IpProtocol, rule.FromPort, rule.ToPort]).sort(), [['tcp', 2049, 2049], ['tcp', 5432, 5432]]);
  for (const rule of rules) {
    assert.equal(rule.CidrIp, undefined);
    assert.match(JSON.stringify(rule.SourceSecurityGroupId), /NodeSecurityGroup/);
    assert.match(JSON.stringify(rule.GroupId), /(Volume|Database)SecurityGroup/);
  }
});

test('Named writers reach the volume, and not the database', () => {
  const rules = ingressOf(templateOf({ writerSecurityGroups: ['sg-0123456789abcdef0'] })).filter((rule) => rule.SourceSecurityGroupId === 'sg-0123456789abcdef0');
  assert.deepEqual(rules.map((rule) => rule.FromPort), [2049]);
});

test('Nodes speak HTTPS to the world, and otherwise with database and volume only', () => {
  const [node] = Object.values(template.findResources('AWS::EC2::SecurityGroup', { Properties: { GroupDescription: Match.stringLikeRegexp('^Nodes') } }));
  assert.deepEqual(((node!['Properties'] as { SecurityGroupEgress: Rule[] }).SecurityGroupEgress).map((rule) => [rule.CidrIp, rule.FromPort, rule.ToPort]), [['0.0.0.0/0', 443, 443]]);
  const others = Object.values(template.findResources('AWS::EC2::SecurityGroupEgress')).map((rule) => (rule['Properties'] as Rule).FromPort);
  assert.deepEqual(others.sort(), [2049, 5432]);
});

test('Buckets that are made are private, encrypted, kept, and abort uploads that nobody finishes', () => {
  const of = templateOf({ incompleteUploadDays: 3 });
  const bucket = only(of, 'AWS::S3::Bucket');
  assert.equal(bucket.Properties['BucketName'], 'studio-shots');
  assert.deepEqual(bucket.Properties['LifecycleConfiguration'], { Rules: [{ Id: 'abort-incomplete-uploads', Status: 'Enabled', AbortIncompleteMultipartUpload: { DaysAfterInitiation: 3 } }] });
  assert.deepEqual(bucket.Properties['PublicAccessBlockConfiguration'], { BlockPublicAcls: true, BlockPublicPolicy: true, IgnorePublicAcls: true, RestrictPublicBuckets: true });
  assert.ok(bucket.Properties['BucketEncryption']);
  assert.equal(bucket.DeletionPolicy, 'Retain');
  templateOf({ buckets: { create: [], existing: ['studio-archive'] } }).resourceCountIs('AWS::S3::Bucket', 0);
});

test('What may hold the only copy of something outlives the stack', () => {
  assert.equal(only(template, 'AWS::EFS::FileSystem').DeletionPolicy, 'Retain');
  assert.equal(only(template, 'AWS::EFS::FileSystem').UpdateReplacePolicy, 'Retain');
  assert.equal(only(template, 'AWS::RDS::DBInstance').DeletionPolicy, 'Snapshot');
});

test('Logs outlive their node, and not their retention', () => {
  templateOf({ logDays: 90 }).hasResourceProperties('AWS::Logs::LogGroup', { RetentionInDays: 90 });
});

test('A network of its own spans the zones, keeps nodes private, and reaches S3 without the NAT', () => {
  template.resourceCountIs('AWS::EC2::VPC', 1);
  template.resourceCountIs('AWS::EC2::NatGateway', 1);
  const zones = Object.values(template.findResources('AWS::EC2::Subnet')).map((subnet) => (subnet['Properties'] as { AvailabilityZone: string; MapPublicIpOnLaunch: boolean }));
  assert.deepEqual(zones.map((subnet) => subnet.AvailabilityZone).sort(), [...leastSettings.zones, ...leastSettings.zones].sort());
  assert.ok(zones.every((subnet) => !subnet.MapPublicIpOnLaunch));
  const endpoint = only(template, 'AWS::EC2::VPCEndpoint').Properties;
  assert.match(JSON.stringify(endpoint['ServiceName']), /\.s3"/);
  assert.equal((endpoint['RouteTableIds'] as unknown[]).length, 6);
});

test('An existing network is used as it is', () => {
  const subnets = ['subnet-0123456789abcdef0', 'subnet-0123456789abcdef1', 'subnet-0123456789abcdef2'];
  const of = templateOf({ vpc: { id: 'vpc-0123456789abcdef0', privateSubnets: subnets } });
  for (const type of ['VPC', 'Subnet', 'NatGateway', 'VPCEndpoint']) {
    of.resourceCountIs(`AWS::EC2::${type}`, 0);
  }
  of.hasResourceProperties('AWS::AutoScaling::AutoScalingGroup', { VPCZoneIdentifier: subnets });
  of.hasResourceProperties('AWS::RDS::DBSubnetGroup', { SubnetIds: subnets });
  assert.deepEqual(Object.values(of.findResources('AWS::EFS::MountTarget')).map((target) => (target['Properties'] as { SubnetId: string }).SubnetId).sort(), subnets);
});
