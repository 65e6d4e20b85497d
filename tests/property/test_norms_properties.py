"""What normalizations are for: the result has mean 0 and deviation 1, whatever came in."""

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from normviz.nn.norms.batch import BatchNorm
from normviz.nn.norms.layer import LayerNorm

matrices = npst.arrays(
    np.float64,
    npst.array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=8),
    elements=st.floats(-100, 100, width=32),
)


@given(matrices)
def test_batch_norm_equals_numpy(x: np.ndarray):
    norm = BatchNorm(x.shape[1], affine=False).double()
    expected = (x - x.mean(0)) / np.sqrt(x.var(0) + norm.eps)
    np.testing.assert_allclose(norm(torch.from_numpy(x)), expected, rtol=1e-9, atol=1e-9)
    assert all(buffer.isfinite().all() for buffer in norm.buffers())


@given(matrices)
def test_layer_norm_equals_numpy(x: np.ndarray):
    norm = LayerNorm(x.shape[1], affine=False).double()
    expected = (x - x.mean(1, keepdims=True)) / np.sqrt(x.var(1, keepdims=True) + norm.eps)
    np.testing.assert_allclose(norm(torch.from_numpy(x)), expected, rtol=1e-9, atol=1e-9)


@given(matrices, st.floats(0.125, 8), st.floats(-10, 10))
def test_batch_norm_does_not_see_scale_and_shift(x: np.ndarray, scale: float, shift: float):
    norm = BatchNorm(x.shape[1], affine=False, eps=0.0).double()
    kept = x[:, x.std(0) > 0.1] if len(x) > 1 else x[:, :0]
    norm.tracking = False
    before, after = norm(torch.from_numpy(kept)), norm(torch.from_numpy(kept * scale + shift))
    np.testing.assert_allclose(after, before, rtol=1e-7, atol=1e-7)
