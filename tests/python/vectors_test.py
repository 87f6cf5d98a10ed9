"""Vectors of parameters, as the engine uses them."""

import sys
import unittest
from unittest import mock

try:
    import torch
except ImportError:
    sys.exit(77)

from etamax._torch import vectors


class Products(unittest.TestCase):
    def test_inner_products_are_those_in_64_bit(self):
        """Whatever the tensors are cut into: all at once, some joined, some in parts; transposed ones too."""
        random = torch.Generator().manual_seed(0)
        shapes = (3, 5), (7, 7), (), (40,), (1,)
        a, b = ([torch.randn(shape, generator=random) for shape in shapes] for _ in range(2))
        b[1] = b[1].T
        expected = sum(float((p.double() * q.double()).sum()) for p, q in zip(a, b))
        for block in 1 << 22, 30, 7, 1:
            with mock.patch.object(vectors, "_DOT_BLOCK", block):
                self.assertAlmostEqual(vectors.TensorList(a).dot(vectors.TensorList(b)), expected, delta=1e-12)


if __name__ == "__main__":
    unittest.main()
