"""A live watch over a training. Imported where it is asked for: the rest of the package does without torch."""

from .create import watch
from .record import WatchReport
from .watcher import Watch

__all__ = ["Watch", "WatchReport", "watch"]
