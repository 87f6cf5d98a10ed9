"""Parameters of which each rank has a part (torch.distributed.fsdp.fully_shard: DTensors), and vectors like them."""

from __future__ import annotations

from typing import Any, Optional, Sequence

import torch
from torch import Tensor, nn

from .._errors import refusal
from .ranks import Group, Ranks
from .vectors import TensorList, unshared


def in_parts(t: Tensor) -> bool:
    return hasattr(t, "placements")


def here(t: Tensor) -> Tensor:
    """This rank's entries, in place: its part of a DTensor, all of any other."""
    part: Tensor = t.detach().to_local() if in_parts(t) else t
    return part


def is_fully_sharded_data_parallel(model: nn.Module) -> bool:
    """The class, which came before fully_shard: its parameters are views of flat ones."""
    return any(type(part).__name__ == "FullyShardedDataParallel" for part in model.modules())


def _fully_sharded(model: nn.Module) -> list[Any]:
    return [part for part in model.modules() if hasattr(part, "reshard") and hasattr(part, "unshard")]


def reshard(model: nn.Module) -> None:
    """Lets go of whole parameters that a forward pass has left: else the next one would not see what the parts are."""
    for part in _fully_sharded(model):
        part.reshard()


def computes_in_16_bit(model: nn.Module) -> bool:
    """By fully_shard's MixedPrecisionPolicy."""
    kinds = {part._get_fsdp_state()._mp_policy.param_dtype for part in _fully_sharded(model)}
    return bool(kinds & {torch.float16, torch.bfloat16})


class Layout:
    """Where the entries of these parameters are: all of them on every rank, or a part of some.

    Attributes
    ----------
    ranks : Ranks
        That have them; where some are in parts, those of their mesh.
    shared : list of bool
        Of each, whether it is in parts.
    """

    def __init__(self, model: nn.Module, parameters: Sequence[Tensor], group: Group) -> None:
        if is_fully_sharded_data_parallel(model):
            raise refusal("model", "is in FullyShardedDataParallel; torch.distributed.fsdp.fully_shard would do")
        self._parameters = list(parameters)
        self.shared = [in_parts(p) for p in parameters]
        mesh = self._mesh(model)
        if mesh is None:
            self.ranks = Ranks(group, parameters[0].device, model)
        else:
            self.ranks = _ranks_of(mesh, group, model)
        # Each entry is one rank's to count, however many have it.
        self._counts = None if mesh is None else [self._is_ours(p) for p in parameters]

    def _mesh(self, model: nn.Module) -> Any:
        """Over which those in parts are shared out; None where there are none."""
        fully_sharded, meshes = bool(_fully_sharded(model)), list[Any]()
        for p in self._parameters:
            if not in_parts(p):
                continue
            mesh, placements = p.device_mesh, p.placements
            shards = sum(placement.is_shard() for placement in placements)
            if not fully_sharded or shards != 1 or any(placement.is_partial() for placement in placements):
                why = "has DTensors other than fully_shard's alone, whose parts are not looked at as one"
                raise refusal("model", why)
            if mesh not in meshes:
                meshes.append(mesh)
        if len(meshes) > 1:
            raise refusal("model", "has parameters that are shared out over several meshes")
        return meshes[0] if meshes else None

    def _is_ours(self, p: Any) -> bool:
        if not in_parts(p):
            return self.ranks.rank == 0
        places = zip(p.placements, p.device_mesh.get_coordinate())
        return all(at == 0 for placement, at in places if placement.is_replicate())

    def parts(self) -> list[Tensor]:
        """What is here of each parameter, in place, unseen by autograd's version counters."""
        return [here(p).data for p in self._parameters]

    def vector(self, tensors: Sequence[Tensor]) -> TensorList:
        """Of what is here of each."""
        return TensorList([here(t) for t in tensors], self.ranks, self._counts)

    def noise(self) -> TensorList:
        """Normal entries, the same in every process and however they are shared out."""
        return self.vector([_noise_like(p, shared) for p, shared in zip(self._parameters, self.shared)])

    def mean(self, value: float, gradients: Sequence[Tensor]) -> tuple[float, TensorList]:
        """Over the ranks. `gradients`: of the parameters; fully_shard has averaged those of parts already."""
        own = unshared([here(g) for g in gradients], self.parts())
        whole = [i for i, shared in enumerate(self.shared) if not shared]
        total, sums = self.ranks.summed_with(value, [own[i] for i in whole])
        if sums and not self.ranks.alone:
            torch._foreach_div_(sums, self.ranks.count)
        for i, s in zip(whole, sums):
            own[i] = s
        return total / self.ranks.count, self.vector(own)


def _ranks_of(mesh: Any, group: Group, model: nn.Module) -> Ranks:
    import torch.distributed as dist

    if group in (None, True) and mesh.ndim == 1:
        group = mesh.get_group()
    ranks = Ranks(group, torch.device(mesh.device_type), model)
    if sorted(ranks.members()) != sorted(mesh.mesh.flatten().tolist()):
        raise refusal("group", "is not of the processes that the parameters are shared out over")
    return ranks


def _noise_like(p: Any, shared: bool) -> Tensor:
    generator = torch.Generator(device=p.device)
    generator.manual_seed(p.numel())
    drawn = torch.randn(p.shape, generator=generator, dtype=p.dtype, device=p.device)
    if not shared:
        return drawn
    ((dim, placement),) = [(dim, placement) for dim, placement in enumerate(p.placements) if placement.is_shard()]
    parts = drawn.chunk(p.device_mesh.size(dim), placement.dim)  # as a DTensor is shared out
    at = p.device_mesh.get_coordinate()[dim]
    return (parts[at] if at < len(parts) else drawn.narrow(placement.dim, 0, 0)).clone()
