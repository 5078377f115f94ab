"""Why a service or a task is as it is, in AWS's words and in plain ones, and what may be done about it.

`podium.ecs.explaining.answers` looks; everything else here takes values and returns findings.
"""
