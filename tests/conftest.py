"""What all tests share.

Property tests draw the same examples every time, so that nothing passes or fails by luck;
`pytest --hypothesis-profile=explore tests/property` draws many new ones.
"""

import os
import tempfile

import pytest
import torch
from hypothesis import HealthCheck, settings
from threadpoolctl import threadpool_limits

# One thread for all arithmetic, as in the workers; NumPy is loaded already, its children are not.
os.environ.update(OPENBLAS_NUM_THREADS="1", OMP_NUM_THREADS="1")
threadpool_limits(1)
torch.set_num_threads(1)

SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large]
settings.register_profile("fixed", derandomize=True, deadline=None, suppress_health_check=SLOW)
settings.register_profile("explore", max_examples=2000, deadline=None, suppress_health_check=SLOW)
settings.load_profile("fixed")


def pytest_configure(config: pytest.Config) -> None:
    # What is prepared or downloaded for a test stays out of the cache folder of whoever runs it.
    cache = tempfile.TemporaryDirectory(prefix="normviz-tests-")
    os.environ["XDG_CACHE_HOME"] = cache.name
    config.add_cleanup(cache.cleanup)
    # What a run is compared with is mostly the CPU's to the last bit; "auto" means the CPU then, in children too.
    if config.option.markexpr != "gpu":
        os.environ["CUDA_VISIBLE_DEVICES"] = ""
    # The type checker looks at one random item of a container, also where examples are drawn.
    config.addinivalue_line(
        "filterwarnings", "ignore:Do not use the `random` module inside strategies"
    )
