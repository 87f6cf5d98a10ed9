"""Small files of every kind that etamax reads, made from what the formats' documents say, with Python alone.

All are valid: the mutants begin with them.
"""
import gzip
import io
import json
import math
import random
import struct
import zipfile
import zlib


def numbers(count, seed=0):
    r = random.Random(seed)
    return [round(r.uniform(-2, 2), 3) for _ in range(count)]


def zipped(members, how=zipfile.ZIP_STORED):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", how) as z:
        for name, content in members.items():
            z.writestr(zipfile.ZipInfo(name), content, compress_type=how)
    return out.getvalue()


# --- data ----------------------------------------------------------------------------------------------------------

ROWS, COLUMNS = 16, 4


def csv(separator=","):
    xs = numbers(ROWS * COLUMNS)
    lines = [separator.join(["a", "b", "c", "d", "label"])]
    lines += [separator.join([str(x) for x in xs[COLUMNS * i:COLUMNS * (i + 1)]] + [str(i % 2)]) for i in range(ROWS)]
    return "\n".join(lines).encode() + b"\n"


def npy(descr, shape, raw):
    header = repr({"descr": descr, "fortran_order": False, "shape": shape}).encode()
    header += b" " * (-(len(header) + 11) % 64) + b"\n"
    return b"\x93NUMPY\1\0" + struct.pack("<H", len(header)) + header + raw


def inputs(dtype="f"):
    return struct.pack(f"<{ROWS * COLUMNS}{dtype}", *numbers(ROWS * COLUMNS))


def labels(dtype="q"):
    return struct.pack(f"<{ROWS}{dtype}", *(i % 2 for i in range(ROWS)))


def npz(how=zipfile.ZIP_STORED):
    return zipped({"X.npy": npy("<f4", (ROWS, COLUMNS), inputs()), "y.npy": npy("<i8", (ROWS,), labels())}, how)


def safetensors(tensors):
    header, data = {}, b""
    for name, (dtype, shape, raw) in tensors.items():
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + data


def weights_safetensors():
    raw = lambda count, seed: struct.pack(f"<{count}f", *numbers(count, seed))
    return safetensors({"0.weight": ("F32", [2, COLUMNS], raw(2 * COLUMNS, 1)), "0.bias": ("F32", [2], raw(2, 2))})


def idx(shape, raw):
    return b"\0\0\x08" + bytes([len(shape)]) + struct.pack(f">{len(shape)}I", *shape) + raw


def png(width=4, height=4, shade=0):
    def chunk(name, content):
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
    rows = b"".join(b"\0" + bytes((shade + 16 * x + y) % 256 for x in range(width)) for y in range(height))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)) +
            chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


def data_files():
    """Kind: what follows --data, and the files."""
    classes, pixels = bytes(i % 2 for i in range(ROWS)), bytes((7 * i) % 256 for i in range(ROWS * 16))
    cifar = b"".join(bytes([i % 10]) + bytes((i * 31 + j) % 256 for j in range(3072)) for i in range(4))
    yield "csv", "d.csv", {"d.csv": csv()}
    yield "csv", "csv:d.txt,target=label", {"d.txt": csv(";")}
    yield "csv", "d.tsv", {"d.tsv": csv("\t")}
    yield "csv", "d.csv.gz", {"d.csv.gz": gzip.compress(csv(), mtime=0)}
    yield "npz", "d.npz", {"d.npz": npz()}
    yield "npz", "d.npz", {"d.npz": npz(zipfile.ZIP_DEFLATED)}
    yield "npz", "d.npy", {"d.npy": npy("<f8", (ROWS, COLUMNS), inputs("d"))}
    yield "safetensors", "d.safetensors", {"d.safetensors": safetensors(
        {"X": ("F32", [ROWS, COLUMNS], inputs()), "y": ("I64", [ROWS], labels())})}
    yield "idx", "idx:d", {"d/train-images-idx3-ubyte": idx((ROWS, 4, 4), pixels), "d/train-labels-idx1-ubyte": idx((ROWS,), classes)}
    yield "idx", "idx:d", {"d/train-images-idx3-ubyte.gz": gzip.compress(idx((ROWS, 4, 4), pixels), mtime=0),
                           "d/train-labels-idx1-ubyte.gz": gzip.compress(idx((ROWS,), classes), mtime=0)}
    yield "cifar10", "cifar10:d", {f"d/data_batch_{i}.bin": cifar for i in range(1, 6)}
    yield "images", "images:d", {f"d/{c}/{i}.png": png(shade=60 * i + 9 * (c == "cat")) for c in ("cat", "dog") for i in range(3)}
    yield "images", "images:d", {f"d/{c}/{i}.pgm": b"P5 3 3 255\n" + bytes(range(9 * i, 9 * i + 9)) for c in "ab" for i in range(3)}


# --- what PyTorch saves: pickles, written opcode by opcode ----------------------------------------------------------

def p_name(module, name):
    return f"c{module}\n{name}\n".encode()


def p(value):
    """Whole numbers, switches, texts, tuples, lists and dictionaries; bytes are opcodes already."""
    if isinstance(value, bytes):
        return value
    if isinstance(value, bool):
        return b"\x88" if value else b"\x89"
    if isinstance(value, int):
        return b"J" + struct.pack("<i", value)
    if isinstance(value, float):
        return b"G" + struct.pack(">d", value)
    if isinstance(value, str):
        return b"X" + struct.pack("<I", len(value.encode())) + value.encode()
    if isinstance(value, tuple):
        return b"(" + b"".join(map(p, value)) + b"t"
    if isinstance(value, list):
        return b"](" + b"".join(map(p, value)) + b"e"
    return b"}(" + b"".join(p(key) + p(inner) for key, inner in value.items()) + b"u"


def p_tensor(key, shape, learned):
    count, strides = math.prod(shape), (shape[1], 1) if len(shape) > 1 else (1,)
    storage = p(("storage", p_name("torch", "FloatStorage"), key, "cpu", count)) + b"Q"
    hooks = p_name("collections", "OrderedDict") + b")R"
    return p_name("torch._utils", "_rebuild_tensor_v2") + p((storage, 0, shape, strides, learned, hooks)) + b"R"


def weights(learned=False):
    return p_tensor("0", (2, COLUMNS), learned), p_tensor("1", (2,), learned)


def archive(value, more=()):
    members = {"archive/data.pkl": b"\x80\x02" + value + b"."}
    members.update({f"archive/{name}": content for name, content in more})
    for key, count in (("0", 2 * COLUMNS), ("1", 2)):
        members[f"archive/data/{key}"] = struct.pack(f"<{count}f", *numbers(count, key))
    members["archive/version"] = b"3\n"
    return zipped(members)


def torch_save(optimizer=False):
    value = dict(zip(("0.weight", "0.bias"), weights()))
    if optimizer:
        group = {"lr": 0.1, "momentum": 0.9, "dampening": 0, "weight_decay": 0, "nesterov": False, "params": [0, 1]}
        value = {"model": value, "optimizer": {"state": {}, "param_groups": [group]}, "epoch": 3}
    return archive(p(value))


CODE = b"""class Row(Module):
  __parameters__ = ["weight", "bias", ]
  __buffers__ = []
  weight : Tensor
  bias : Tensor
  training : bool
  def forward(self: __torch__.Row, x: Tensor) -> Tensor:
    return torch.linear(x, self.weight, self.bias)
"""


def torchscript():
    weight, bias = weights(learned=True)
    row = p_name("__torch__", "Row") + b")\x81" + p({"weight": weight, "bias": bias, "training": True}) + b"b"
    return archive(row, [("code/__torch__.py", CODE), ("constants.pkl", b"\x80\x02).")])
