// One life cycle through the AWS SDK for JavaScript: roles and policies, a cluster, a capacity provider,
// a task definition and a service, made, changed, looked at and deleted. Any surprise ends the program.
import assert from "node:assert/strict";
import {
  CreateCapacityProviderCommand,
  CreateClusterCommand,
  CreateServiceCommand,
  DeleteCapacityProviderCommand,
  DeleteClusterCommand,
  DeleteServiceCommand,
  DeregisterTaskDefinitionCommand,
  DescribeClustersCommand,
  DescribeServicesCommand,
  DescribeTaskDefinitionCommand,
  ECSClient,
  PutClusterCapacityProvidersCommand,
  RegisterTaskDefinitionCommand,
  TagResourceCommand,
  UpdateServiceCommand,
  paginateListTaskDefinitions,
} from "@aws-sdk/client-ecs";
import {
  AttachRolePolicyCommand,
  CreatePolicyCommand,
  CreateRoleCommand,
  DeletePolicyCommand,
  DeleteRoleCommand,
  DetachRolePolicyCommand,
  GetRoleCommand,
  IAMClient,
} from "@aws-sdk/client-iam";
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";

const settings = { endpoint: process.env.ENDPOINT, region: "us-east-1", maxAttempts: 1 };
const [ecs, iam, sts] = [new ECSClient(settings), new IAMClient(settings), new STSClient(settings)];

const { Account: account } = await sts.send(new GetCallerIdentityCommand({}));
const trust = {
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Principal: { AWS: account }, Action: "sts:AssumeRole" }],
};
const reads = {
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Action: "ecs:ListClusters", Resource: "*" }],
};
const { Role: role } = await iam.send(
  new CreateRoleCommand({ RoleName: "js", AssumeRolePolicyDocument: JSON.stringify(trust) }),
);
const { Policy: policy } = await iam.send(
  new CreatePolicyCommand({ PolicyName: "js", PolicyDocument: JSON.stringify(reads) }),
);
await iam.send(new AttachRolePolicyCommand({ RoleName: "js", PolicyArn: policy.Arn }));
const told = await iam.send(new GetRoleCommand({ RoleName: "js" }));
assert.deepEqual(JSON.parse(decodeURIComponent(told.Role.AssumeRolePolicyDocument)), trust);

const { Credentials: key } = await sts.send(new AssumeRoleCommand({ RoleArn: role.Arn, RoleSessionName: "js" }));
const narrow = new ECSClient({
  ...settings,
  credentials: {
    accessKeyId: key.AccessKeyId,
    secretAccessKey: key.SecretAccessKey,
    sessionToken: key.SessionToken,
  },
});
await assert.rejects(narrow.send(new CreateClusterCommand({ clusterName: "no" })), {
  name: "AccessDeniedException",
  message: /assumed-role\/js\/js is not authorized to perform: ecs:CreateCluster/,
});

const { cluster } = await ecs.send(
  new CreateClusterCommand({ clusterName: "js", tags: [{ key: "by", value: "js" }] }),
);
assert.equal(cluster.status, "ACTIVE");
const { capacityProvider } = await ecs.send(
  new CreateCapacityProviderCommand({
    name: "js",
    autoScalingGroupProvider: {
      autoScalingGroupArn: `arn:aws:autoscaling:us-east-1:${account}:autoScalingGroup:1b2c3d4e-0000-4000-8000-000000000001:autoScalingGroupName/js`,
    },
  }),
);
assert.equal(capacityProvider.status, "ACTIVE");
await ecs.send(
  new PutClusterCapacityProvidersCommand({
    cluster: "js",
    capacityProviders: ["js"],
    defaultCapacityProviderStrategy: [],
  }),
);
const definition = { family: "js", containerDefinitions: [{ name: "app", image: "web", memory: 64 }] };
const { taskDefinition: first } = await ecs.send(new RegisterTaskDefinitionCommand(definition));
const { taskDefinition: second } = await ecs.send(new RegisterTaskDefinitionCommand(definition));
assert.equal(second.revision, first.revision + 1);
const { service } = await ecs.send(
  new CreateServiceCommand({
    cluster: "js",
    serviceName: "web",
    taskDefinition: "js:1",
    desiredCount: 0,
    launchType: "EC2",
  }),
);
assert.ok(service.createdAt instanceof Date);
await ecs.send(new UpdateServiceCommand({ cluster: "js", service: "web", taskDefinition: "js:2" }));
const {
  services: [shown],
  failures,
} = await ecs.send(new DescribeServicesCommand({ cluster: "js", services: ["web", "none"] }));
assert.equal(shown.taskDefinition, second.taskDefinitionArn);
assert.equal(failures[0].reason, "MISSING");
await ecs.send(new TagResourceCommand({ resourceArn: cluster.clusterArn, tags: [{ key: "more", value: "" }] }));
const { clusters } = await ecs.send(new DescribeClustersCommand({ clusters: ["js"], include: ["TAGS"] }));
assert.deepEqual(clusters[0].tags.map((tag) => tag.key).sort(), ["by", "more"]);

const arns = [];
for await (const page of paginateListTaskDefinitions({ client: ecs, pageSize: 1 }, { familyPrefix: "js" })) {
  arns.push(...page.taskDefinitionArns);
}
assert.deepEqual(arns, [first.taskDefinitionArn, second.taskDefinitionArn]);

await ecs.send(new DeleteServiceCommand({ cluster: "js", service: "web", force: true }));
await ecs.send(new DeregisterTaskDefinitionCommand({ taskDefinition: "js:1" }));
const { taskDefinition: inactive } = await ecs.send(new DescribeTaskDefinitionCommand({ taskDefinition: "js:1" }));
assert.equal(inactive.status, "INACTIVE");
await ecs.send(
  new PutClusterCapacityProvidersCommand({
    cluster: "js",
    capacityProviders: [],
    defaultCapacityProviderStrategy: [],
  }),
);
await ecs.send(new DeleteCapacityProviderCommand({ capacityProvider: "js" }));
await ecs.send(new DeleteClusterCommand({ cluster: "js" }));
await iam.send(new DetachRolePolicyCommand({ RoleName: "js", PolicyArn: policy.Arn }));
await iam.send(new DeletePolicyCommand({ PolicyArn: policy.Arn }));
await iam.send(new DeleteRoleCommand({ RoleName: "js" }));
await assert.rejects(iam.send(new GetRoleCommand({ RoleName: "js" })), { name: "NoSuchEntityException" });
console.log("done");
