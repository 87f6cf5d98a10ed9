"""Runs a program on a kernel that lacks some system calls: python3 without_calls.py NUMBER[,NUMBER...] PROGRAM [ARGUMENTS...]"""
import ctypes
import os
import struct
import sys

calls = [int(n) for n in sys.argv[1].split(",")]
PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS, MODE_FILTER, ENOSYS = 22, 38, 2, 38
code = struct.pack("HBBI", 0x20, 0, 0, 0)  # load the call's number
for call in calls:
    code += struct.pack("HBBI", 0x15, 0, 1, call) + struct.pack("HBBI", 0x06, 0, 0, 0x00050000 | ENOSYS)
code += struct.pack("HBBI", 0x06, 0, 0, 0x7FFF0000)  # allow


class Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("code", ctypes.c_char_p)]


libc = ctypes.CDLL(None, use_errno=True)
program = Program(len(code) // 8, code)
if libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) or libc.prctl(PR_SET_SECCOMP, MODE_FILTER, ctypes.byref(program)):
    sys.exit(77)
os.execv(sys.argv[2], sys.argv[2:])
