import { Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';

/**
 * What the program's requests to S3 need, by the SDK's name of the request
 * (docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html, 2026-11). Nothing deletes an object.
 */
export const actionsOfRequests: Record<string, { readonly bucket?: string[]; readonly object?: string[] }> = {
  PutObjectRequest: { object: ['s3:PutObject', 's3:PutObjectTagging'] },
  GetObjectMetadataRequest: { object: ['s3:GetObject'], bucket: ['s3:ListBucket'] },
  HeadBucketRequest: { bucket: ['s3:ListBucket'] },
  InitiateMultipartUploadRequest: { object: ['s3:PutObject', 's3:PutObjectTagging'] },
  UploadPartRequest: { object: ['s3:PutObject'] },
  CompleteMultipartUploadRequest: { object: ['s3:PutObject'] },
  AbortMultipartUploadRequest: { object: ['s3:AbortMultipartUpload'] },
  ListPartsRequest: { object: ['s3:ListMultipartUploadParts'] },
  ListMultipartUploadsRequest: { bucket: ['s3:ListBucketMultipartUploads'] },
};

/** The actions on buckets, and on objects, each named once. */
export function s3Actions(kind: 'bucket' | 'object'): string[] {
  return [...new Set(Object.values(actionsOfRequests).flatMap((needed) => needed[kind] ?? []))].sort();
}

/**
 * STS stands nowhere here: the program calls GetCallerIdentity only, which needs no permission and cannot be denied
 * (docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html, 2026-11).
 */
export function nodeStatements(where: {
  readonly buckets: string[];
  readonly build: string;
  readonly secret: string;
  readonly fileSystem: string;
  readonly accessPoint: string;
  readonly logGroup: string;
  readonly group: string;
  readonly kmsKeys: string[];
}): PolicyStatement[] {
  const allow = (sid: string, actions: string[], resources: string[], conditions?: Record<string, unknown>) =>
    new PolicyStatement({ sid, effect: Effect.ALLOW, actions, resources, conditions });
  return [
    allow('FindBuckets', s3Actions('bucket'), where.buckets),
    allow('StoreObjects', s3Actions('object'), where.buckets.map((bucket) => `${bucket}/*`)),
    allow('FetchBuild', ['s3:GetObject'], [where.build]),
    allow('ReadDatabaseSecret', ['secretsmanager:GetSecretValue'], [where.secret]),
    allow('MountVolume', ['elasticfilesystem:ClientMount', 'elasticfilesystem:ClientWrite'], [where.fileSystem], {
      StringEquals: { 'elasticfilesystem:AccessPointArn': where.accessPoint },
    }),
    allow('WriteLogs', ['logs:CreateLogStream', 'logs:PutLogEvents'], [where.logGroup]),
    allow('AnswerLifecycleHooks', ['autoscaling:CompleteLifecycleAction'], [where.group]),
    // Parts of an upload are encrypted, and are read back encrypted when they are joined.
    ...(where.kmsKeys.length > 0 ? [allow('EncryptObjects', ['kms:Decrypt', 'kms:GenerateDataKey'], where.kmsKeys)] : []),
  ];
}
