"""The same checks where tests are written in Python: pytest tests"""

import pytest
from numpy_layers import Affine, ReLU, layernorm_backward, layernorm_forward

import gradcheck

test_layers = gradcheck.layer_tests(Affine, ReLU)
test_functions = gradcheck.layer_tests((layernorm_forward, layernorm_backward), examples=30)
test_losses = gradcheck.layer_tests("numpy_layers/losses.py", select=["GC1", "GC5"])


@pytest.fixture
def told():
    return []


@gradcheck.parametrize_layers([Affine], select=["GC1"])
def test_gradients_with_a_fixture(layer_check, told):
    layer_check()
    assert not told
