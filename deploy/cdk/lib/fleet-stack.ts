import { Arn, ArnFormat, Aws, CfnOutput, Duration, RemovalPolicy, Stack, Tags } from 'aws-cdk-lib/core';
import * as autoscaling from 'aws-cdk-lib/aws-autoscaling';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as efs from 'aws-cdk-lib/aws-efs';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as rds from 'aws-cdk-lib/aws-rds';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as assets from 'aws-cdk-lib/aws-s3-assets';
import { Construct } from 'constructs';
import { nodeStatements } from './permissions';
import { FleetSettings } from './settings';
import { nodeUserId, userDataOf } from './user-data';

const nfsPort = 2049;
const postgresPort = 5432;
const httpsPort = 443;

/** Nodes on spot instances, the volume that they share, the database that arbitrates between them, and the buckets that are made for them. */
export class FleetStack extends Stack {
  constructor(scope: Construct, id: string, private readonly settings: FleetSettings) {
    // The region is known by the zones; the account is that of the credentials which deploy. So nothing is looked up.
    super(scope, id, { env: { region: settings.zones[0]!.slice(0, -1) }, description: 'A spot fleet of Akka.Pipeline nodes' });

    const vpc = this.network();
    const nodeGroup = new ec2.SecurityGroup(this, 'NodeSecurityGroup', { vpc, description: 'Nodes: nobody may connect to them', allowAllOutbound: false });
    nodeGroup.addEgressRule(ec2.Peer.anyIpv4(), ec2.Port.tcp(httpsPort), 'S3 and the other services of AWS');

    this.createdBuckets();
    const volume = this.sharedVolume(vpc, nodeGroup);
    const database = this.database(vpc, nodeGroup);
    const logGroup = new logs.LogGroup(this, 'Logs', { retention: settings.logDays as logs.RetentionDays, removalPolicy: RemovalPolicy.DESTROY });
    const secretArn = settings.databaseSecret ?? database.secret!.secretArn;
    const build = this.build();
    // A fixed name, so that the role and the user data can name the group without a circle.
    const groupName = `${Aws.STACK_NAME}-nodes`;

    const role = new iam.Role(this, 'NodeRole', { assumedBy: new iam.ServicePrincipal('ec2.amazonaws.com'), description: 'What a node of Akka.Pipeline may do' });
    const bucketNames = [...settings.buckets.create, ...settings.buckets.existing];
    const permissions = new iam.Policy(this, 'NodePermissions', {
      roles: [role],
      statements: nodeStatements({
        buckets: bucketNames.map((name) => this.bucketArn(name)),
        build: build.arn,
        secret: secretArn,
        fileSystem: volume.fileSystem.fileSystemArn,
        accessPoint: volume.accessPoint.accessPointArn,
        logGroup: logGroup.logGroupArn,
        group: Arn.format({ service: 'autoscaling', resource: 'autoScalingGroup', resourceName: `*:autoScalingGroupName/${groupName}`, arnFormat: ArnFormat.COLON_RESOURCE_NAME }, this),
        kmsKeys: [...settings.kmsKeys],
      }),
    });
    if (settings.operatorShell) {
      role.addManagedPolicy(iam.ManagedPolicy.fromAwsManagedPolicyName('AmazonSSMManagedInstanceCore'));
    }

    const template = this.launchTemplate(role, nodeGroup, ec2.UserData.custom(userDataOf({
      region: this.region,
      buildUrl: build.url,
      configuration: settings.configuration,
      groupName,
      secretArn,
      fileSystemId: volume.fileSystem.fileSystemId,
      accessPointId: volume.accessPoint.accessPointId,
      logGroupName: logGroup.logGroupName,
      drainSeconds: settings.drainSeconds,
    })));
    const nodes = this.nodes(vpc, template, groupName);
    nodes.node.addDependency(database, volume.fileSystem.mountTargetsAvailable, permissions);

    new CfnOutput(this, 'AutoScalingGroup', { value: nodes.autoScalingGroupName });
    new CfnOutput(this, 'SharedVolume', { value: volume.fileSystem.fileSystemId });
    new CfnOutput(this, 'SharedVolumeAccessPoint', { value: volume.accessPoint.accessPointId });
    new CfnOutput(this, 'DatabaseSecret', { value: secretArn });
    new CfnOutput(this, 'LogGroup', { value: logGroup.logGroupName });
  }

  private network(): ec2.IVpc {
    const { vpc, zones } = this.settings;
    if (vpc !== undefined) {
      return ec2.Vpc.fromVpcAttributes(this, 'Vpc', { vpcId: vpc.id, availabilityZones: [...zones], privateSubnetIds: [...vpc.privateSubnets] });
    }
    // Uploads go through the gateway endpoint, which costs nothing; the NAT carries only the small talk with the other services, so one is enough.
    return new ec2.Vpc(this, 'Vpc', {
      availabilityZones: [...zones],
      natGateways: 1,
      subnetConfiguration: [
        { name: 'public', subnetType: ec2.SubnetType.PUBLIC, cidrMask: 24, mapPublicIpOnLaunch: false },
        { name: 'private', subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS, cidrMask: 20 },
      ],
      gatewayEndpoints: { S3: { service: ec2.GatewayVpcEndpointAwsService.S3 } },
    });
  }

  private createdBuckets(): void {
    for (const name of this.settings.buckets.create) {
      new s3.Bucket(this, `Bucket-${name}`, {
        bucketName: name,
        encryption: s3.BucketEncryption.S3_MANAGED,
        blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
        objectOwnership: s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
        enforceSSL: true,
        removalPolicy: RemovalPolicy.RETAIN,
        lifecycleRules: [{ id: 'abort-incomplete-uploads', abortIncompleteMultipartUploadAfter: Duration.days(this.settings.incompleteUploadDays) }],
      });
    }
  }

  private sharedVolume(vpc: ec2.IVpc, nodeGroup: ec2.SecurityGroup): { fileSystem: efs.FileSystem; accessPoint: efs.AccessPoint } {
    const securityGroup = new ec2.SecurityGroup(this, 'VolumeSecurityGroup', { vpc, description: 'The shared volume: nodes and named writers only', allowAllOutbound: false });
    securityGroup.addIngressRule(nodeGroup, ec2.Port.tcp(nfsPort), 'nodes');
    nodeGroup.addEgressRule(securityGroup, ec2.Port.tcp(nfsPort), 'shared volume');
    for (const writer of this.settings.writerSecurityGroups) {
      securityGroup.addIngressRule(ec2.Peer.securityGroupId(writer), ec2.Port.tcp(nfsPort), 'writers');
    }
    const fileSystem = new efs.FileSystem(this, 'Volume', {
      vpc,
      vpcSubnets: { subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS },
      securityGroup,
      encrypted: true,
      // The fleet keeps the volume nearly empty, and bursting throughput is by what is stored.
      throughputMode: efs.ThroughputMode.ELASTIC,
      // It may hold files that are nowhere else yet.
      removalPolicy: RemovalPolicy.RETAIN,
      // With a policy of its own nobody mounts it without IAM; who may, says the role.
      fileSystemPolicy: new iam.PolicyDocument({
        statements: [new iam.PolicyStatement({
          sid: 'OnlyEncrypted',
          effect: iam.Effect.DENY,
          principals: [new iam.AnyPrincipal()],
          actions: ['elasticfilesystem:ClientMount', 'elasticfilesystem:ClientWrite', 'elasticfilesystem:ClientRootAccess'],
          resources: ['*'],
          conditions: { Bool: { 'aws:SecureTransport': 'false' } },
        })],
      }),
    });
    const accessPoint = fileSystem.addAccessPoint('Fleet', {
      path: '/fleet',
      createAcl: { ownerUid: String(nodeUserId), ownerGid: String(nodeUserId), permissions: '770' },
      posixUser: { uid: String(nodeUserId), gid: String(nodeUserId) },
    });
    return { fileSystem, accessPoint };
  }

  private database(vpc: ec2.IVpc, nodeGroup: ec2.SecurityGroup): rds.DatabaseInstance {
    const securityGroup = new ec2.SecurityGroup(this, 'DatabaseSecurityGroup', { vpc, description: 'The database: nodes only', allowAllOutbound: false });
    securityGroup.addIngressRule(nodeGroup, ec2.Port.tcp(postgresPort), 'nodes');
    nodeGroup.addEgressRule(securityGroup, ec2.Port.tcp(postgresPort), 'database');
    // 15 is what the ledger is tested on.
    const engine = rds.DatabaseInstanceEngine.postgres({ version: rds.PostgresEngineVersion.VER_15 });
    return new rds.DatabaseInstance(this, 'Database', {
      engine,
      parameterGroup: new rds.ParameterGroup(this, 'DatabaseParameters', { engine, parameters: { 'rds.force_ssl': '1' } }),
      instanceType: new ec2.InstanceType(this.settings.databaseInstance.slice('db.'.length)),
      vpc,
      vpcSubnets: { subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS },
      securityGroups: [securityGroup],
      publiclyAccessible: false,
      credentials: rds.Credentials.fromGeneratedSecret('pipeline'),
      databaseName: 'pipeline',
      multiAz: this.settings.databaseStandby,
      storageType: rds.StorageType.GP3,
      allocatedStorage: 20,
      maxAllocatedStorage: 100,
      storageEncrypted: true,
      backupRetention: Duration.days(7),
      autoMinorVersionUpgrade: true,
      removalPolicy: RemovalPolicy.SNAPSHOT,
    });
  }

  private build(): { arn: string; url: string } {
    const given = this.settings.build;
    if (given.startsWith('s3://')) {
      return { url: given, arn: Arn.format({ service: 's3', region: '', account: '', resource: given.slice('s3://'.length), arnFormat: ArnFormat.NO_RESOURCE_NAME }, this) };
    }
    const asset = new assets.Asset(this, 'Build', { path: given });
    return { url: asset.s3ObjectUrl, arn: asset.bucket.arnForObjects(asset.s3ObjectKey) };
  }

  private launchTemplate(role: iam.Role, securityGroup: ec2.SecurityGroup, userData: ec2.UserData): ec2.LaunchTemplate {
    return new ec2.LaunchTemplate(this, 'NodeTemplate', {
      machineImage: ec2.MachineImage.latestAmazonLinux2023({
        cpuType: this.settings.architecture === 'arm64' ? ec2.AmazonLinuxCpuType.ARM_64 : ec2.AmazonLinuxCpuType.X86_64,
      }),
      role,
      securityGroup,
      userData,
      httpEndpoint: true,
      requireImdsv2: true,
      httpPutResponseHopLimit: 1,
      blockDevices: [{
        deviceName: '/dev/xvda',
        volume: ec2.BlockDeviceVolume.ebs(this.settings.diskGiB, { volumeType: ec2.EbsDeviceVolumeType.GP3, encrypted: true, deleteOnTermination: true }),
      }],
    });
  }

  private nodes(vpc: ec2.IVpc, launchTemplate: ec2.LaunchTemplate, autoScalingGroupName: string): autoscaling.AutoScalingGroup {
    const { settings } = this;
    const group = new autoscaling.AutoScalingGroup(this, 'Nodes', {
      autoScalingGroupName,
      vpc,
      vpcSubnets: { subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS },
      minCapacity: settings.minimumNodes,
      maxCapacity: settings.maximumNodes,
      capacityRebalance: true,
      mixedInstancesPolicy: {
        launchTemplate,
        launchTemplateOverrides: settings.instanceTypes.map((type) => ({ instanceType: new ec2.InstanceType(type) })),
        instancesDistribution: {
          onDemandBaseCapacity: settings.onDemandNodes,
          onDemandPercentageAboveBaseCapacity: 0,
          spotAllocationStrategy: autoscaling.SpotAllocationStrategy.PRICE_CAPACITY_OPTIMIZED,
        },
      },
      updatePolicy: autoscaling.UpdatePolicy.rollingUpdate({ maxBatchSize: 1, minInstancesInService: 0, pauseTime: Duration.minutes(3) }),
    });
    // Part of the group itself, so that they hold for its very first instances.
    (group.node.defaultChild as autoscaling.CfnAutoScalingGroup).lifecycleHookSpecificationList = [
      {
        lifecycleHookName: 'node-ready',
        lifecycleTransition: 'autoscaling:EC2_INSTANCE_LAUNCHING',
        heartbeatTimeout: Duration.minutes(20).toSeconds(),
        defaultResult: 'ABANDON',
      },
      {
        lifecycleHookName: 'node-drain',
        lifecycleTransition: 'autoscaling:EC2_INSTANCE_TERMINATING',
        heartbeatTimeout: settings.drainSeconds + Duration.minutes(2).toSeconds(),
        defaultResult: 'CONTINUE',
      },
    ];
    Tags.of(group).add('Name', autoScalingGroupName);
    return group;
  }

  private bucketArn(name: string): string {
    return Arn.format({ service: 's3', region: '', account: '', resource: name, arnFormat: ArnFormat.NO_RESOURCE_NAME }, this);
  }
}
