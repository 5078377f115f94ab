"""What CreateService, UpdateService and CreateTaskSet may ask for. One module a part of a service.

Source of the sentences: answers of the real service; of the defaults and ranges: Amazon ECS API Reference.
"""
