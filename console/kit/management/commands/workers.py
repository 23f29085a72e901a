"""`manage.py workers`: one django-q2 cluster that ends gracefully however it is asked to.

django-q2's cluster deadlocks when a whole process group gets SIGTERM (honcho, systemd, Ctrl-C in some shells): its guard
dies at once and the main process waits for it for ever. So the cluster lives in a session of its own, and only its main
process is told. Tasks that run for seconds ask `console.kit.queue.is_stopping()` and come to an end early.
"""

import ctypes
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from console.kit.queue import STOPPING_FLAG

GRACE_S = 25
PR_SET_PDEATHSIG = 1


def end_with_parent() -> None:
    """In the child, before exec: SIGTERM when the parent dies without a word. Linux only; elsewhere nothing."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


class Command(BaseCommand):
    help = "Run the workers (a django-q2 cluster) until SIGTERM or Ctrl-C; finishes what is in flight first."

    def handle(self, *args: Any, **options: Any) -> None:
        with tempfile.TemporaryDirectory(prefix="waymark-") as folder:
            flag = Path(folder) / "stopping"
            cluster = subprocess.Popen(  # noqa: S603  # our own interpreter and file
                [sys.executable, str(settings.BASE_DIR / "manage.py"), "qcluster"],
                env={**os.environ, STOPPING_FLAG: str(flag)},
                start_new_session=True,
                preexec_fn=end_with_parent,  # no threads in this process
            )

            def stop(signum: int, frame: object) -> None:
                if not flag.exists():
                    flag.touch()
                    cluster.send_signal(signal.SIGTERM)

            signal.signal(signal.SIGTERM, stop)
            signal.signal(signal.SIGINT, stop)
            status = self._wait(cluster, flag)
        sys.exit(status)

    def _wait(self, cluster: "subprocess.Popen[bytes]", flag: Path) -> int:
        waited_s = 0.0
        while True:
            try:
                status = cluster.wait(timeout=0.25)
                return 0 if flag.exists() else status
            except subprocess.TimeoutExpired:
                waited_s += 0.25 if flag.exists() else 0
                if waited_s >= GRACE_S:
                    os.killpg(cluster.pid, signal.SIGKILL)
