"""Amazon EventBridge Scheduler: what is to be done when. Nothing is done by it yet."""
