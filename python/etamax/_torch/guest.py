"""A model that is borrowed: afterwards it is as it was, bit for bit, whatever happened meanwhile."""

from __future__ import annotations

import contextlib
import random
import sys
from types import TracebackType
from typing import Any, Callable, Iterable, Iterator, Sequence

import torch
from torch import Tensor, nn

from .attributes import KeptAttributes


def _math_attention() -> contextlib.AbstractContextManager[Any]:
    """Attention written out: the fused kernels have a first derivative only."""
    if not hasattr(nn.functional, "scaled_dot_product_attention"):  # before 2.0
        return contextlib.nullcontext()
    try:
        from torch.nn.attention import SDPBackend, sdpa_kernel  # from 2.3 on
    except ImportError:
        return torch.backends.cuda.sdp_kernel(enable_flash=False, enable_mem_efficient=False, enable_math=True)
    return sdpa_kernel(SDPBackend.MATH)


def autocast_is_on(device: torch.device) -> bool:
    """Whether we are called within a mixed precision."""
    try:
        return torch.is_autocast_enabled(device.type)
    except TypeError:  # before torch 2.4
        return torch.is_autocast_cpu_enabled() if device.type == "cpu" else torch.is_autocast_enabled()


@contextlib.contextmanager
def _no_autocast(asked: Callable[[], None]) -> Iterator[None]:
    """One that the model or the loss enters has no effect, and `asked` is called."""
    enter = torch.autocast.__enter__

    def without_effect(autocast: Any) -> Any:
        if autocast._enabled:
            asked()
        enabled, autocast._enabled = autocast._enabled, False
        try:
            return enter(autocast)
        finally:
            autocast._enabled = enabled

    torch.autocast.__enter__ = without_effect
    try:
        yield
    finally:
        torch.autocast.__enter__ = enter


@contextlib.contextmanager
def random_numbers_kept(devices: Iterable[torch.device] = ()) -> Iterator[None]:
    """Afterwards everybody draws on where they were: torch on the CPU and these devices, NumPy, Python."""
    numpy = sys.modules.get("numpy")
    with contextlib.ExitStack() as undo:
        undo.callback(torch.set_rng_state, torch.get_rng_state())
        for device in {device for device in devices if device.type == "cuda"}:
            undo.callback(torch.cuda.set_rng_state, torch.cuda.get_rng_state(device), device)
        undo.callback(random.setstate, random.getstate())
        if numpy is not None:
            undo.callback(numpy.random.set_state, numpy.random.get_state())
        yield


class Guest:
    """While it lives, the modules' parameters and buffers may be anything, and random numbers are its own.

    Parameters stay the same objects, which optimizers and wrappers know; what they hold is exchanged, never written to,
    so that autograd's graphs of the lender's are whole. Buffers are exchanged for copies. Attention is written out,
    autocast is off wherever it is entered, and recurrent layers use kernels that can be differentiated twice. Wrappers of the first module pass on to it what
    they are called with, and do no work of their own.
    """

    def __init__(
        self, modules: Sequence[nn.Module], parameters: Sequence[nn.Parameter], wrappers: Sequence[nn.Module] = ()
    ) -> None:
        self.parameters = list(parameters)
        self._inside, self._wrappers = modules[0], list(wrappers)
        self.moves = 0  # how often the parameters' values were exchanged
        self.left_out_autocast = False  # there was a mixed precision
        parts = [part for module in modules for part in module.modules()]
        self._modules = [part for part in parts if not isinstance(part, torch.jit.ScriptModule)]
        self._scripted = [part for part in parts if isinstance(part, torch.jit.ScriptModule)]
        self._lent: list[tuple[nn.Parameter, Tensor]] | None = None
        self._attributes = KeptAttributes(())
        self._buffers: list[tuple[nn.Module, str, Tensor]] = []
        self._lent_buffers: list[tuple[Tensor, Tensor]] = []  # of TorchScript, whose tables cannot be written to
        self._working: list[tuple[Tensor, Tensor, int]] = []  # a copy in use, what it shall be, its version as such
        self._wide = contextlib.ExitStack()
        self._exit = contextlib.ExitStack()

    def __enter__(self) -> Guest:
        with contextlib.ExitStack() as undo:
            undo.enter_context(_math_attention())
            undo.enter_context(torch.backends.cudnn.flags(enabled=torch.backends.cudnn.enabled and not self._recurs()))
            undo.enter_context(torch.enable_grad())
            if self._scripted:  # optimized, TorchScript of 2.6 hangs in the third product
                undo.enter_context(torch.jit.optimized_execution(False))
            # What is certified is the loss in the parameters' own type.
            self.left_out_autocast |= autocast_is_on(self.parameters[0].device)
            for kind in {p.device.type for p in self.parameters} & {"cpu", "cuda"}:
                undo.enter_context(torch.autocast(kind, enabled=False, cache_enabled=False))
            undo.enter_context(_no_autocast(self._leave_out_autocast))
            undo.enter_context(random_numbers_kept(p.device for p in self.parameters))
            undo.callback(self._give_back)
            self._attributes = KeptAttributes((*self._modules, *self._wrappers))
            for wrapper in self._wrappers:
                wrapper.__dict__["forward"] = self._inside.__call__
            self._exchange_buffers()
            undo.callback(self.narrow)
            self._exit = undo.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._exit.close()

    def _leave_out_autocast(self) -> None:
        self.left_out_autocast = True

    def _recurs(self) -> bool:
        return any(isinstance(part, nn.RNNBase) for part in self._modules)

    def _exchange_buffers(self) -> None:
        for buffer in {id(b): b for part in self._scripted for b in part.buffers()}.values():
            self._lent_buffers.append((buffer, buffer.data))
            buffer.data = buffer.data.clone()
        copies: dict[int, Tensor] = {}  # one tensor may be a buffer of several modules
        for module in self._modules:
            for name, buffer in module._buffers.items():
                if buffer is None:
                    continue
                if id(buffer) not in copies:
                    copies[id(buffer)] = buffer.clone()
                    self._working.append((copies[id(buffer)], buffer, copies[id(buffer)]._version))
                self._buffers.append((module, name, buffer))
        for module, name, buffer in self._buffers:
            module._buffers[name] = copies[id(buffer)]

    def _give_back(self) -> None:
        for module, name, buffer in self._buffers:
            module._buffers[name] = buffer
        for buffer, data in self._lent_buffers:
            buffer.data = data
        if self._lent is not None:
            for p, data in self._lent:
                p.data = data
        self._attributes.restore()
        self._attributes = KeptAttributes(())
        self._buffers, self._lent_buffers, self._working, self._lent = [], [], [], None

    def put(self, values: Sequence[Tensor]) -> None:
        """Makes these tensors, which are no one else's, what the parameters hold."""
        if self._lent is None:
            self._lent = [(p, p.data) for p in self.parameters]
        for p, value in zip(self.parameters, values):
            p.data = value
        self.moved()

    def buffers(self) -> list[Tensor]:
        """As the lender's are, in copies."""
        return [original.detach().clone() for _, original, _ in self._working]

    def set_buffers(self, values: Sequence[Tensor]) -> None:
        """Makes these what the modules' buffers are, at every evaluation."""
        self._working = [(copy, value, -1) for (copy, _, _), value in zip(self._working, values)]

    def moved(self) -> None:
        """Somebody has written to what the parameters hold."""
        self.moves += 1

    def ready(self, seed: int) -> None:
        """Before an evaluation: the buffers as the lender's are, and the random numbers of this seed."""
        for i, (copy, original, version) in enumerate(self._working):
            if copy._version != version:
                with torch.no_grad():
                    copy.copy_(original)
                self._working[i] = (copy, original, copy._version)
        torch.default_generator.manual_seed(seed)
        for device in {p.device.index or 0 for p in self.parameters if p.is_cuda}:
            torch.cuda.default_generators[device].manual_seed(seed)

    def widen(self) -> None:
        """Until `narrow`, all floating-point numbers are in 64 bit: parameters and buffers are others meanwhile."""
        self._wide.enter_context(self._in_64_bit())

    def narrow(self) -> None:
        self._wide.close()

    @contextlib.contextmanager
    def _in_64_bit(self) -> Iterator[None]:
        if self._scripted:
            raise TypeError("parameters of TorchScript keep their type")
        working, parameters = self._working, self.parameters
        wide: dict[int, Any] = {}
        places: list[tuple[dict[str, Any], str, Any]] = []
        for part in self._modules:
            for table in part._parameters, part._buffers:
                for name, t in table.items():
                    if t is None or not t.is_floating_point():
                        continue
                    if id(t) not in wide:
                        double = t.detach().double()
                        wide[id(t)] = nn.Parameter(double, t.requires_grad) if isinstance(t, nn.Parameter) else double
                    places.append((table, name, t))
        recurrent = [part for part in self._modules if isinstance(part, nn.RNNBase)]
        flat = [part._flat_weights for part in recurrent]
        try:
            for table, name, t in places:
                table[name] = wide[id(t)]
            for part in recurrent:  # which know their parameters by a list, too
                part._flat_weights = [getattr(part, name, None) for name in part._flat_weights_names]
            self.parameters = [wide[id(p)] for p in parameters]
            self._working = [(wide.get(id(copy), copy), original, -1) for copy, original, _ in working]
            self.moved()
            yield
        finally:
            for table, name, t in places:
                table[name] = t
            for part, weights in zip(recurrent, flat):
                part._flat_weights = weights
            self.parameters, self._working = parameters, working
            self.moved()
