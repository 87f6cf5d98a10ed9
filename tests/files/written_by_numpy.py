"""Writes files as NumPy does, for numpy_test.cpp: python3 written_by_numpy.py FOLDER"""
import sys

import numpy as np

folder = sys.argv[1]
counted = np.arange(24).reshape(2, 3, 4)
types = ["f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8"]
arrays = {}
for kind in types:
    for order in "<>":
        arrays[f"{kind}{'le' if order == '<' else 'be'}"] = counted.astype(order + kind)
    arrays[kind + "f"] = np.asfortranarray(counted.astype(kind))
arrays["bool"] = np.ones((2, 3, 4), bool)
np.savez(f"{folder}/stored.npz", **arrays)
np.savez_compressed(f"{folder}/packed.npz", **arrays)
halves = np.arange(65536, dtype=np.uint16).view(np.float16)
np.savez(f"{folder}/halves.npz", halves=halves, singles=halves.astype(np.float32))
np.save(f"{folder}/rows.npy", np.array([[1.0, 2.0, 0.0], [3.0, 4.0, 1.0]]))
