"""Operation by operation: what it is about, what conditions may look at, what it tags.

Where the Service Authorization Reference lists several kinds of resource for an action, each one that the request
names is asked for.
"""

from dataclasses import dataclass

from podium.ecs.access import conditions as when
from podium.ecs.access import resources as about
from podium.ecs.access.conditions import Keys
from podium.ecs.access.resources import Resources


@dataclass(frozen=True, slots=True)
class Rule:
    """`tags` is what the operation makes, for a request that gives it tags: that needs ecs:TagResource too."""

    resources: Resources
    keys: tuple[Keys, ...] = ()
    tags: Resources | None = None


_ALL = Rule(about.everything)
_CLUSTER = Rule(about.cluster)
_IN_CLUSTER = (when.cluster,)
_INSTANCE = Rule(about.members("container-instance", "containerInstance", "containerInstances"), _IN_CLUSTER)
_INSTANCE_ATTRIBUTES = Rule(about.instances_of_attributes, _IN_CLUSTER)
_TASKS = Rule(about.members("task", "task", "tasks"), _IN_CLUSTER)
_SERVICES = Rule(about.members("service", "service", "services"), _IN_CLUSTER)
_TASK_SETS = Rule(about.task_sets, (when.cluster, when.service))
_PROVIDER = about.named("capacity-provider", "name", "capacityProvider", "capacityProviders")
_NEW_SERVICE = about.members("service", "serviceName")
_EXPRESS = about.members("service", "serviceArn")
_DAEMON = about.members("daemon", "daemonArn")
_NEW_DAEMON = about.members("daemon", "daemonName")
_GATEWAY = about.named("gateway", "gateway")
_NEW_GATEWAY = about.named("gateway", "name")
_DAEMON_DEFINITION = about.daemon_task_definitions("daemonTaskDefinition")
_RESOURCE = Rule(about.named("", "resourceArn"))

_PROVIDER_KEYS = (
    when.text("managedInstancesProvider.propagateTags", "ecs:propagate-tags"),
    when.text(
        "managedInstancesProvider.instanceLaunchTemplate.instanceMetadataTagsPropagation",
        "ecs:instance-metadata-tags-propagation",
    ),
)
_STORAGE_KEY = when.text(
    "configuration.managedStorageConfiguration.fargateEphemeralStorageKmsKeyId", "ecs:fargate-ephemeral-storage-kms-key"
)
_LAUNCH_KEYS = (
    when.cluster,
    when.capacity_providers,
    when.volumes,
    when.execute_command,
    when.managed_tags,
    when.propagation,
    when.network,
)
_SERVICE_KEYS = (
    *_LAUNCH_KEYS,
    when.task_definition,
    when.service_connect,
    when.vpc_lattice,
)
_EXPRESS_KEYS = (when.cluster, when.task_definition, when.network, when.size)
_DEFINITION_KEYS = (when.compatibility, when.privileged, when.size)
_DAEMON_KEYS = (when.cluster, when.execute_command, when.managed_tags, when.propagation)
_SETTING = Rule(about.everything, (when.text("name", "ecs:account-setting"),))

RULES: dict[str, Rule] = {
    "AssociateGatewayWithCluster": Rule(_GATEWAY, _IN_CLUSTER),
    "ContinueServiceDeployment": Rule(about.of_service("service-deployment", "serviceDeploymentArn")),
    "CreateCapacityProvider": Rule(_PROVIDER, _PROVIDER_KEYS, _PROVIDER),
    "CreateCluster": Rule(about.cluster, (when.capacity_providers, _STORAGE_KEY), about.cluster),
    "CreateDaemon": Rule(_NEW_DAEMON, _DAEMON_KEYS, _NEW_DAEMON),
    "CreateExpressGatewayService": Rule(_NEW_SERVICE, _EXPRESS_KEYS, _NEW_SERVICE),
    "CreateGateway": Rule(_NEW_GATEWAY, (when.propagation,), _NEW_GATEWAY),
    "CreateService": Rule(_NEW_SERVICE, _SERVICE_KEYS, _NEW_SERVICE),
    "CreateTaskSet": Rule(
        about.task_sets,
        (when.cluster, when.service, when.capacity_providers, when.task_definition),
        about.made_task_set,
    ),
    "DeleteAccountSetting": _SETTING,
    "DeleteAttributes": _INSTANCE_ATTRIBUTES,
    "DeleteCapacityProvider": Rule(_PROVIDER),
    "DeleteCluster": _CLUSTER,
    "DeleteDaemon": Rule(_DAEMON),
    "DeleteDaemonTaskDefinition": Rule(_DAEMON_DEFINITION),
    "DeleteExpressGatewayService": Rule(_EXPRESS, _IN_CLUSTER),
    "DeleteGateway": Rule(_GATEWAY),
    "DeleteService": _SERVICES,
    "DeleteTaskDefinitions": Rule(about.task_definitions("taskDefinitions")),
    "DeleteTaskSet": _TASK_SETS,
    "DeregisterContainerInstance": _CLUSTER,
    "DeregisterTaskDefinition": _ALL,
    "DescribeCapacityProviders": Rule(_PROVIDER),
    "DescribeClusters": Rule(about.clusters),
    "DescribeContainerInstances": _INSTANCE,
    "DescribeDaemon": Rule(_DAEMON),
    "DescribeDaemonDeployments": Rule(about.named("daemon-deployment", "daemonDeploymentArns")),
    "DescribeDaemonRevisions": Rule(about.named("daemon-revision", "daemonRevisionArns")),
    "DescribeDaemonTaskDefinition": _ALL,
    "DescribeExpressGatewayService": Rule(_EXPRESS, _IN_CLUSTER),
    "DescribeGateway": Rule(_GATEWAY),
    "DescribeGatewayResources": Rule(_GATEWAY),
    "DescribeGatewayRoute": Rule(about.named("gateway-route", "gatewayRouteArn")),
    "DescribeServiceDeployments": Rule(about.of_service("service-deployment", "serviceDeploymentArns")),
    "DescribeServiceRevisions": Rule(about.of_service("service-revision", "serviceRevisionArns")),
    "DescribeServices": _SERVICES,
    "DescribeTaskDefinition": _ALL,
    "DescribeTaskSets": _TASK_SETS,
    "DescribeTasks": _TASKS,
    "DisassociateGatewayFromCluster": Rule(_GATEWAY, _IN_CLUSTER),
    "DiscoverPollEndpoint": _ALL,
    "ExecuteCommand": Rule(
        about.cluster_and_task, (when.cluster, when.task, when.text("container", "ecs:container-name"))
    ),
    "GetTaskProtection": _TASKS,
    "ListAccountSettings": _ALL,
    "ListAttributes": _CLUSTER,
    "ListClusters": _ALL,
    "ListContainerInstances": _CLUSTER,
    "ListDaemonDeployments": Rule(_DAEMON),
    "ListDaemonTaskDefinitions": _ALL,
    "ListDaemons": Rule(about.everything, _IN_CLUSTER),
    "ListGatewayClusterAssociations": _ALL,
    "ListGatewayRoutes": _ALL,
    "ListGateways": _ALL,
    "ListServiceDeployments": _SERVICES,
    "ListServices": Rule(about.everything, _IN_CLUSTER),
    "ListServicesByNamespace": Rule(about.everything, (when.text("namespace", "ecs:namespace"),)),
    "ListTagsForResource": _RESOURCE,
    "ListTaskDefinitionFamilies": _ALL,
    "ListTaskDefinitions": _ALL,
    "ListTasks": Rule(about.members("container-instance", "containerInstance"), _IN_CLUSTER),
    "PutAccountSetting": _SETTING,
    "PutAccountSettingDefault": _SETTING,
    "PutAttributes": _INSTANCE_ATTRIBUTES,
    "PutClusterCapacityProviders": Rule(about.cluster, (when.capacity_providers,)),
    "RegisterContainerInstance": Rule(about.cluster, (), about.made("container-instance")),
    "RegisterDaemonTaskDefinition": Rule(
        about.new_revision("daemon-task-definition"), _DEFINITION_KEYS, about.new_revision("daemon-task-definition")
    ),
    "RegisterTaskDefinition": Rule(
        about.new_revision("task-definition"), _DEFINITION_KEYS, about.new_revision("task-definition")
    ),
    "RunTask": Rule(about.task_definitions("taskDefinition"), _LAUNCH_KEYS, about.made("task")),
    "StartTask": Rule(
        about.task_definitions("taskDefinition"), (*_LAUNCH_KEYS, when.container_instances), about.made("task")
    ),
    "StopServiceDeployment": Rule(about.of_service("service-deployment", "serviceDeploymentArn")),
    "StopTask": _TASKS,
    "SubmitAttachmentStateChanges": _CLUSTER,
    "SubmitContainerStateChange": _CLUSTER,
    "SubmitTaskStateChange": _CLUSTER,
    "TagResource": _RESOURCE,
    "UntagResource": _RESOURCE,
    "UpdateCapacityProvider": Rule(_PROVIDER, _PROVIDER_KEYS),
    "UpdateCluster": Rule(about.cluster, (_STORAGE_KEY,)),
    "UpdateClusterSettings": _CLUSTER,
    "UpdateContainerAgent": _INSTANCE,
    "UpdateContainerInstancesState": _INSTANCE,
    "UpdateDaemon": Rule(_DAEMON, (when.execute_command, when.managed_tags, when.propagation)),
    "UpdateExpressGatewayService": Rule(_EXPRESS, _EXPRESS_KEYS),
    "UpdateGateway": Rule(_GATEWAY, (when.propagation,)),
    "UpdateService": Rule(about.members("service", "service"), _SERVICE_KEYS),
    "UpdateServicePrimaryTaskSet": _SERVICES,
    "UpdateTaskProtection": _TASKS,
    "UpdateTaskSet": _TASK_SETS,
}
