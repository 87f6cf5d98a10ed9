"""Beside another protobuf in the process: its messages are read as it writes them, and it goes on working.

The library of Debian's python3-protobuf is loaded first, and writes TensorBoard's events by their published definition.
"""

import os
import random
import struct
import sys
import tempfile
import unittest

try:
    from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
except ImportError:
    sys.exit(77)

FIELD = descriptor_pb2.FieldDescriptorProto
DEFINITION = {
    "Event": [
        ("wall_time", 1, FIELD.TYPE_DOUBLE),
        ("step", 2, FIELD.TYPE_INT64),
        ("file_version", 3, FIELD.TYPE_STRING),
        ("summary", 5, "Summary"),
    ],
    "Summary": [("value", 1, ["Value"])],
    "Value": [
        ("tag", 1, FIELD.TYPE_STRING),
        ("simple_value", 2, FIELD.TYPE_FLOAT),
        ("histo", 5, FIELD.TYPE_BYTES),
        ("node_name", 7, FIELD.TYPE_STRING),
        ("tensor", 8, "Tensor"),
    ],
    "Tensor": [
        ("dtype", 1, FIELD.TYPE_INT32),
        ("shape", 2, FIELD.TYPE_BYTES),
        ("tensor_content", 4, FIELD.TYPE_BYTES),
        ("float_val", 5, [FIELD.TYPE_FLOAT]),
        ("double_val", 6, [FIELD.TYPE_DOUBLE]),
    ],
}


def event_class():
    file = descriptor_pb2.FileDescriptorProto(name="event.proto", package="test", syntax="proto3")
    for name, fields in DEFINITION.items():
        message = file.message_type.add(name=name)
        for field, number, kind in fields:
            repeated = isinstance(kind, list)
            (kind,) = kind if repeated else [kind]
            added = message.field.add(name=field, number=number)
            added.label = FIELD.LABEL_REPEATED if repeated else FIELD.LABEL_OPTIONAL
            if isinstance(kind, str):
                added.type, added.type_name = FIELD.TYPE_MESSAGE, ".test." + kind
            else:
                added.type = kind
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    found = pool.FindMessageTypeByName("test.Event")
    if hasattr(message_factory, "GetMessageClass"):
        return message_factory.GetMessageClass(found)
    return message_factory.MessageFactory(pool).GetPrototype(found)


Event = event_class()
Event(step=1).SerializeToString()  # at work before the other comes

import etamax  # noqa: E402


def masked_crc(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    crc ^= 0xFFFFFFFF
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


def record(data):
    length = struct.pack("<Q", len(data))
    return length + struct.pack("<I", masked_crc(length)) + data + struct.pack("<I", masked_crc(data))


def diagnosed(messages):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "events.out.tfevents.1")
        with open(path, "wb") as file:
            file.write(b"".join(map(record, messages)))
        return etamax.diagnose(path)


def put(event, tag, number, form, chance):
    """A scalar in one of the forms that it may have."""
    value = event.summary.value.add(tag=tag)
    if form == "simple":
        value.simple_value = number
    elif form == "float":
        value.tensor.dtype = 1
        value.tensor.shape = bytes(chance.randrange(256) for _ in range(chance.randrange(4)))
        value.tensor.float_val.append(number)
    elif form == "double":
        value.tensor.dtype = 2
        value.tensor.double_val.append(number)
    else:
        value.tensor.dtype = 1
        value.tensor.tensor_content = struct.pack("<f", number)


class Events(unittest.TestCase):
    def test_are_read_as_they_were_written(self):
        chance = random.Random(3)
        losses, messages = [], [Event(wall_time=1e9, file_version="brain.Event:2").SerializeToString()]
        for step in range(60):
            event = Event(wall_time=1e9 + step, step=10 * step)
            loss = struct.unpack("<f", struct.pack("<f", 2.0 * 0.9**step + 0.1 * chance.random()))[0]
            losses.append(loss)
            event.summary.value.add(tag="weights", histo=bytes(range(200)), node_name="n")
            put(event, "train/loss", loss, ("simple", "float", "double", "content")[step % 4], chance)
            put(event, "lr", 0.125, "simple", chance)
            several = event.summary.value.add(tag="layers")
            several.tensor.float_val.extend([1.0, 2.0])
            messages.append(event.SerializeToString())
        answer = diagnosed(messages)
        self.assertEqual((answer.log.format, answer.log.column), ("tensorboard", "train/loss"))
        self.assertIn("lr", answer.log.other_columns)
        self.assertNotIn("layers", answer.log.other_columns)
        self.assertEqual(answer.losses, [{"step": 10 * i, "value": loss} for i, loss in enumerate(losses)])
        self.assertEqual(Event.FromString(messages[5]).step, 40)

    def test_what_is_no_message_is_told_by_both(self):
        event = Event(wall_time=2.5, step=300, file_version="a")
        for form in "simple", "float", "double", "content":
            put(event, "loss", 0.5, form, random.Random(1))
        whole = event.SerializeToString()
        broken = 0
        messages = [Event(step=s).SerializeToString() for s in range(3)]
        for s in range(12):
            row = Event(step=s)
            put(row, "loss", 2.0 - 0.1 * s, "simple", random.Random(1))
            messages.append(row.SerializeToString())
        for end in range(len(whole)):
            part = whole[:end]
            try:
                Event.FromString(part)
            except Exception:
                broken += 1
                messages.append(part)
        self.assertGreater(broken, 50)
        answer = diagnosed(messages)
        self.assertIn(f"{broken} of {len(messages)} records", " ".join(answer.log.remarks))


if __name__ == "__main__":
    unittest.main()
