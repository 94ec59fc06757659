"""One kernel at a time: two gigabytes hold one notebook, not two."""

from __future__ import annotations

from typing import Any

from jupyter_server.services.kernels.kernelmanager import AsyncMappingKernelManager
from tornado.web import HTTPError

BUSY = (
    "Another notebook is still computing, and memory here is enough for one. Wait until it is "
    "done, or stop it (Kernel, Interrupt), then start this kernel again."
)


class OneKernelManager(AsyncMappingKernelManager):
    """Shut down the kernel of the notebook before when the next one starts.

    A kernel that is computing is left alone; the new one is refused then, with the reason. Named in
    a server's configuration, as ``binder/jupyter_server_config.json`` does.
    """

    async def _async_start_kernel(
        self, *, kernel_id: str | None = None, path: Any = None, **options: Any
    ) -> str:
        if kernel_id is None or kernel_id not in self:
            others = list(self.list_kernel_ids())
            if any(self._kernel(one).execution_state == "busy" for one in others):
                raise HTTPError(409, BUSY, reason="Another notebook is still computing")
            for one in others:
                self.log.info("one kernel at a time: shutting down %s", one)
                await self.shutdown_kernel(one, now=True)
        return str(await super()._async_start_kernel(kernel_id=kernel_id, path=path, **options))

    start_kernel = _async_start_kernel  # type: ignore[assignment]

    def _kernel(self, kernel_id: str) -> Any:
        return self.get_kernel(kernel_id)
