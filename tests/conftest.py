"""What all tests share."""

from hypothesis import settings

# A busy machine is no failure: how fast things are is measured in bench/.
settings.register_profile("project", deadline=None)
settings.load_profile("project")
