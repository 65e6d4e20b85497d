"""What a lane is trained on: its data set, and what preprocessing makes of it."""

from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np

from normviz import catalog
from normviz.config import LaneConfig
from normviz.data.dataset import Dataset
from normviz.data.mapped import is_mapped, preprocessed
from normviz.data.preprocessing import Transform


def data_of(config: LaneConfig) -> Dataset:
    """Return the preprocessed data of a lane."""
    source = catalog.DATASETS[config.dataset].settings(config)
    settings = catalog.PREPROCESSINGS[config.preprocessing].settings(config)
    gaps = catalog.MODELS[config.model].load().reads_gaps
    return prepared(config.dataset, config.preprocessing, gaps, **source, **settings)


def source_of(config: LaneConfig) -> Dataset:
    """Return the data of a lane as they are before preprocessing."""
    choice = catalog.DATASETS[config.dataset]
    return choice.load()(**choice.settings(config))


def transform_of(config: LaneConfig) -> Transform:
    """Return what is done to the inputs of a lane, for data without gaps that fit into memory twice."""
    choice = catalog.PREPROCESSINGS[config.preprocessing]
    return choice.load()(source_of(config).x, **choice.settings(config))


def prepared(
    dataset: str, preprocessing: str, gaps: bool = False, **settings: float | str
) -> Dataset:
    """Load a data set and preprocess it, fitted on its training part; ``settings`` are those that either of them uses.

    Where a sequence has ended there is 0, as far as preprocessing is concerned, and afterwards nan if ``gaps``. The
    last few are kept, but nothing of a visitor's own.
    """
    make = _made if catalog.DATASETS[dataset].private else _kept
    return make(dataset, preprocessing, gaps, **settings)


def _made(dataset: str, preprocessing: str, gaps: bool, **settings: Any) -> Dataset:  # noqa: ANN401 - of either one
    source, work = catalog.DATASETS[dataset], catalog.PREPROCESSINGS[preprocessing]
    data: Dataset = source.load()(
        **{name: settings.pop(name) for name in source.uses if name in settings}
    )
    fit = work.load()
    if is_mapped(data):
        return preprocessed(data, fit, settings)
    x, heldout_x = data.x, data.heldout_x
    if data.gaps:
        x, heldout_x = np.nan_to_num(x), np.nan_to_num(heldout_x)
    transform = fit(x, **settings)
    x, heldout_x = transform(x), transform(heldout_x)
    if data.gaps and gaps:
        x[np.isnan(data.x)] = np.nan
        heldout_x[np.isnan(data.heldout_x)] = np.nan
    return replace(data, x=x, heldout_x=heldout_x)


_kept = lru_cache(maxsize=8)(_made)
