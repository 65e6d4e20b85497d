"""What processes beside the workers have in common: one thread each, and an end that is waited for."""

import asyncio
import os


def environment() -> dict[str, str]:
    """Return this process's environment, with one thread for all arithmetic."""
    return {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


async def end(process: asyncio.subprocess.Process) -> None:
    """Let the process tidy up, and wait until it is gone."""
    if process.returncode is None:
        process.terminate()
        try:
            await asyncio.wait_for(process.wait(), 5)
        except TimeoutError:
            process.kill()
            await process.wait()
