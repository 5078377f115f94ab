"""The services that are answered, every kind of record that they keep, and what is kept worked out from these."""

from podium import audit, events
from podium.acm import operations as _acm_operations  # noqa: F401  (registers them)
from podium.acm import records as acm_records
from podium.acm.service import acm
from podium.applicationautoscaling import operations as _autoscaling_operations  # noqa: F401
from podium.applicationautoscaling import records as autoscaling_records
from podium.applicationautoscaling.service import autoscaling
from podium.cloudwatch import operations as _cloudwatch_operations  # noqa: F401
from podium.cloudwatch import records as cloudwatch_records
from podium.cloudwatch.service import cloudwatch
from podium.ec2 import operations as _ec2_operations  # noqa: F401
from podium.ec2 import records as ec2_records
from podium.ec2.service import ec2
from podium.ecr import operations as _ecr_operations  # noqa: F401
from podium.ecr import records as ecr_records
from podium.ecr.service import ecr
from podium.ecs import operations as _ecs_operations  # noqa: F401
from podium.ecs import records as ecs_records
from podium.ecs.scheduling.fleets import Fleets
from podium.ecs.scheduling.zones import Zones
from podium.ecs.service import ecs
from podium.elbv2 import operations as _elbv2_operations  # noqa: F401
from podium.elbv2 import records as elbv2_records
from podium.elbv2.service import elbv2
from podium.events import operations as _events_operations  # noqa: F401
from podium.events.service import eventbridge
from podium.iam import operations as _iam_operations  # noqa: F401
from podium.iam import records as iam_records
from podium.iam.service import iam
from podium.kms import operations as _kms_operations  # noqa: F401
from podium.kms import records as kms_records
from podium.kms.service import kms
from podium.logs import operations as _logs_operations  # noqa: F401
from podium.logs import records as logs_records
from podium.logs.service import logs
from podium.s3 import operations as _s3_operations  # noqa: F401
from podium.s3 import records as s3_records
from podium.s3.service import s3
from podium.scheduler import operations as _scheduler_operations  # noqa: F401
from podium.scheduler import records as scheduler_records
from podium.scheduler.service import scheduler
from podium.secretsmanager import operations as _secretsmanager_operations  # noqa: F401
from podium.secretsmanager import records as secretsmanager_records
from podium.secretsmanager.service import secretsmanager
from podium.servicediscovery import operations as _servicediscovery_operations  # noqa: F401
from podium.servicediscovery import records as servicediscovery_records
from podium.servicediscovery.service import servicediscovery
from podium.ssm import operations as _ssm_operations  # noqa: F401
from podium.ssm import records as ssm_records
from podium.ssm.service import ssm
from podium.sts import operations as _sts_operations  # noqa: F401
from podium.sts.service import sts
from podium.wire.service import AwsService

SERVICES: dict[str, AwsService] = {
    service.name: service
    for service in (
        ecs,
        ec2,
        elbv2,
        iam,
        sts,
        acm,
        cloudwatch,
        servicediscovery,
        autoscaling,
        ecr,
        logs,
        eventbridge,
        scheduler,
        s3,
        kms,
        ssm,
        secretsmanager,
    )
}
RECORDS = (
    *ecs_records.ALL,
    *ec2_records.ALL,
    *elbv2_records.ALL,
    *iam_records.ALL,
    *acm_records.ALL,
    *cloudwatch_records.ALL,
    *servicediscovery_records.ALL,
    *autoscaling_records.ALL,
    *ecr_records.ALL,
    *logs_records.ALL,
    *scheduler_records.ALL,
    *s3_records.ALL,
    *kms_records.ALL,
    *ssm_records.ALL,
    *secretsmanager_records.ALL,
    *audit.ALL,
    *events.ALL,
)
VIEWS = (Fleets, Zones)
