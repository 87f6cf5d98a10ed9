"""Changes to valid files and texts: any byte, by their structure, and in their lengths. All take a random.Random first."""
import io
import struct
import zipfile
import zlib

LENGTHS = [0, 1, 2, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff, 2 ** 63 - 1, 2 ** 64 - 1]
WORDS = [b"", b"0", b"-1", b"nan", b"NaN", b"inf", b"-inf", b"1e308", b"1e-320", b"1e999", b"null", b"true", b"{}", b"[]", b'"',
         b"9223372036854775808", b"1" * 400, b"\xff\xfe", b"\xc3\xa9\xe2\x80\xae", b"\x1b[31m", b"\0", b"%s%n", b"a" * 3000,
         b"[" * 2000, b"a" + b".a" * 2000, b"<script>", b",", b"=", b"\r\n", b"_"]


def bytes_changed(r, data):
    data = bytearray(data)
    for _ in range(r.choice([1, 1, 2, 8])):
        at, what = r.randrange(len(data) + 1), r.randrange(5)
        length = min(r.choice([1, 1, 4, 64]), len(data) - at)
        if what == 0:
            del data[at:at + length]
        elif what == 1:
            data[at:at] = r.randbytes(r.choice([1, 1, 4, 64]))
        elif what == 2:
            data[at:at] = data[at:at + length]
        elif what == 3:
            data[at:at] = r.choice(WORDS)
        elif at < len(data):
            data[at] = r.choice([0, 1, 0x7f, 0x80, 0xff, data[at] ^ 1 << r.randrange(8)])
    return bytes(data)


def cut_off(r, data):
    return data[:r.randrange(len(data) + 1)]


def repeated(r, data):
    return data * r.choice([2, 3, 50]) if len(data) < 20000 else data + data


def length_changed(r, data):
    size = r.choice([1, 2, 4, 8])
    if len(data) < size:
        return data
    at, order = r.randrange(min(len(data), 400) - size + 1), r.choice("<>")
    near = int.from_bytes(data[at:at + size], "little" if order == "<" else "big")
    value = r.choice(LENGTHS + [near + 1, near - 1, 2 * near]) % 2 ** (8 * size)
    return data[:at] + struct.pack(order + {1: "B", 2: "H", 4: "I", 8: "Q"}[size], value) + data[at + size:]


def list_changed(r, items, new):
    """Some item deleted, doubled, exchanged with another, or new."""
    items = list(items)
    if not items:
        return [new]
    i, j = r.randrange(len(items)), r.randrange(len(items))
    what = r.randrange(4)
    if what == 0:
        del items[i]
    elif what == 1:
        items.insert(j, items[i])
    elif what == 2:
        items[i], items[j] = items[j], items[i]
    else:
        items[i] = new
    return items


def lines_changed(r, data):
    return b"\n".join(list_changed(r, data.split(b"\n"), r.choice(WORDS)))


def fields_changed(r, data):
    lines = data.split(b"\n")
    i, separator = r.randrange(len(lines)), r.choice([b",", b"\t", b" ", b":", b"=", b'"'])
    lines[i] = separator.join(list_changed(r, lines[i].split(separator), r.choice(WORDS)))
    return b"\n".join(lines)


def members_changed(r, data):
    """A zip file whose checksums and folder are right again, so that what is in it is read."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as z:
            members = [(name, z.read(name)) for name in z.namelist()]
    except Exception:  # a mutant of before
        return data
    i = r.randrange(len(members))
    if r.random() < 0.25:
        members = list_changed(r, members, (r.choice(["X.npy", "../x", "a" * 300, "data.pkl"]), r.choice(WORDS)))
    else:
        members[i] = (members[i][0], r.choice([bytes_changed, cut_off, length_changed, lines_changed])(r, members[i][1]))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as z:
        for name, content in members:
            z.writestr(zipfile.ZipInfo(name), content, r.choice([zipfile.ZIP_STORED, zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED]))
    return out.getvalue()


CRC32C = []
for byte in range(256):
    for _ in range(8):
        byte = byte >> 1 ^ (0x82f63b78 if byte & 1 else 0)
    CRC32C.append(byte)


def masked_crc32c(data):
    crc = 0xffffffff
    for byte in data:
        crc = CRC32C[(crc ^ byte) & 0xff] ^ crc >> 8
    crc ^= 0xffffffff
    return struct.pack("<I", ((crc >> 15 | crc << 17) + 0xa282ead8) & 0xffffffff)


def events_changed(r, data):
    """A file of TensorBoard's whose checksums are right again."""
    records, at = [], 0
    while at + 12 <= len(data):
        length = struct.unpack_from("<Q", data, at)[0]
        records.append(data[at + 12:at + 12 + length])
        at += 16 + length
    if not records:
        return data
    if r.random() < 0.3:
        records = list_changed(r, records, r.choice(WORDS))
    else:
        i = r.randrange(len(records))
        records[i] = r.choice([bytes_changed, length_changed, cut_off])(r, records[i])
    lengths = [struct.pack("<Q", len(record)) for record in records]
    return b"".join(n + masked_crc32c(n) + record + masked_crc32c(record) for n, record in zip(lengths, records))


def state_sealed(r, data):
    """A state file whose checksum is right again."""
    if data.startswith(b"etamax "):
        return data[:-4] + struct.pack("<I", zlib.crc32(data[:-4]))
    body = data[:data.rfind(b',\n "checksum"')]
    return body + b',\n "checksum": "%08x"\n}\n' % zlib.crc32(body)


def file_changed(r, data):
    ways = [bytes_changed, cut_off, length_changed]
    if b"brain.Event" in data[:60]:
        ways += 5 * [events_changed]
    elif data.startswith(b"PK"):
        ways += 3 * [members_changed]
    elif b"\0" not in data:
        ways += [repeated] + 3 * [lines_changed, fields_changed]
    sealed = (b'"etamax_tune"' in data or data.startswith((b"etamax follow ", b"etamax map "))) and r.random() < 0.8
    for _ in range(r.choice([1, 1, 1, 2, 3])):
        data = r.choice(ways)(r, data)
    return state_sealed(r, data) if sealed else data


# What an option may be given. There is no path from the root in it: a mutant must not reach beyond its folder.
TEXTS = ["", " ", "0", "-0", "-1", "1", "0.5", "1e308", "-1e308", "1e-320", "1e999", "nan", "inf", "-inf", "0x10", "1_000", "1e", "+1", "1,5",
         "2147483648", "9223372036854775807", "9223372036854775808", "-9223372036854775809", "1" * 400, "--", "-", "-h", "é", "\u202ex\u2066",
         "\ufeff1", "٣", "a" * 5000, ",", "1,,2", ",1", "0:1:0.1", "0:1e9:1e-9", "1:0:-0.1", "1:2", "::", "x=", "=1", "x=1,x=2", "y=1", "%s%n{}{0}",
         "$(id)", "\x1b[31mred", "\x7f", "\n", "two\nlines", "\r", "\t", "'", '"', "null", "true", "{}", "[]", "\udcff\udcfe", "no/such/file.json",
         ".", "..", "d", "<b>&amp;", "none", "adam", "all"]


def text_changed(r, text):
    """For the command line, where no byte can be 0 and a path must not lead away."""
    if r.random() < 0.7:
        return r.choice(TEXTS)
    changed = bytes_changed(r, text.encode("utf-8", "surrogateescape"))
    return changed.replace(b"\0", b"").replace(b"/", b"_").decode("utf-8", "surrogateescape")
