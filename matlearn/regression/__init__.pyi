from .tasks import Task as Task
from .tasks import first_task as first_task
from .tasks import load_task as load_task
