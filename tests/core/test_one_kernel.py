"""Where memory is short a second kernel ends the first, unless that one is computing."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from tornado.web import HTTPError

from matlearn._serving.one_kernel import OneKernelManager


def with_manager(story: Callable[[OneKernelManager], Awaitable[None]]) -> None:
    async def run() -> None:
        manager = OneKernelManager()
        try:
            await story(manager)
        finally:
            await manager.shutdown_all(now=True)

    asyncio.run(run())


def test_the_next_notebook_ends_the_kernel_of_the_one_before() -> None:
    async def story(manager: OneKernelManager) -> None:
        first = await manager.start_kernel()
        manager.get_kernel(first).execution_state = "idle"
        second = await manager.start_kernel()
        assert manager.list_kernel_ids() == [second]
        assert await manager.start_kernel(kernel_id=second) == second  # its own, once more
        assert manager.list_kernel_ids() == [second]

    with_manager(story)


def test_a_kernel_that_computes_is_left_alone() -> None:
    async def story(manager: OneKernelManager) -> None:
        first = await manager.start_kernel()
        manager.get_kernel(first).execution_state = "busy"
        with pytest.raises(HTTPError, match="still computing") as refused:
            await manager.start_kernel()
        assert refused.value.status_code == 409
        assert manager.list_kernel_ids() == [first]

    with_manager(story)
