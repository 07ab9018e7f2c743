"""Training EnCodec's architecture from nothing, waveform first.

The order matters more than anything else: with a spectral loss from the first step on, the model learns an
envelope of noise, with rhythm and without pitch, and never leaves it. So the run has three parts: the
waveform alone, unquantised; then the codebooks, put where the latent has spread to, while the spectral loss
is ramped up; then the decoder alone, for codes that no longer change (from here on a language model can be
trained on them), balanced against a discriminator that learns to tell it from the original.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import cast

import torch
from torch import Tensor, nn

from simba_live.codec.config import CodecConfig
from simba_live.codec.encodec import Codec
from simba_live.codec.seanet import Seanet
from simba_live.errors import OptionError
from simba_live.modules.conv import StreamingConv1d

from .adversary import Adversary
from .balancer import GradientBalancer
from .crops import AudioCrops
from .initialise import start_from_data
from .loop import load_module, module_tensors, warmup_stable_decay
from .losses import MelLoss, log_error, normalised_error
from .optimizers import Group, MatrixOptimizer
from .quantizer import CodebookLearner

ENCODER_AND_DECODER_PACE = {False: (1.0, 1.0), True: (0.5, 1.0)}
"""Learning-rate factors before and after the codebooks come in: they can follow only a slow encoder."""

FEWER_CODEBOOKS = 0.5
"""Share of excerpts decoded from a random number of codebooks, seldom many: a model speaks only the first."""


@dataclasses.dataclass(frozen=True)
class CodecTraining:
    """What defines a codec run.

    Attributes:
        steps: updates in all.
        batch_size: excerpts a step.
        crop_seconds: length of an excerpt, in seconds.
        matrix_learning_rate: of Muon, for weights that are matrices.
        learning_rate: of Adam, for all others.
        waveform_steps: first part, unquantised and without a spectral loss.
        ramp_steps: steps over which the codes take the latent's place; at once, the encoder runs away from
            them.
        freeze_step: the decoder alone is trained from here on.
        ratio_weight: of each excerpt's own error on a log scale: what is already clear gets clearer.
        mel_weight: of the spectral loss at the end of its ramp in the second part.
        tuning_mel_weight: of the spectral loss in the third part: how large its gradient is, relative to the
            waveform's.
        adversarial_weight: of the discriminator's judgement in the third part, likewise; 0 is without one.
        lead_steps: first steps of the third part, in which the discriminator learns and nobody listens to it.
        commitment: weight of the latent's distance to its codes.
        varied: share of excerpts with effects on them, so that any user's audio comes through.
        seed: of everything random.
        bfloat16: compute in bfloat16 where that is safe.
    """

    steps: int = 20000
    batch_size: int = 10
    crop_seconds: float = 0.64
    matrix_learning_rate: float = 2e-3
    learning_rate: float = 1e-3
    waveform_steps: int = 800
    ramp_steps: int = 600
    freeze_step: int = 12000
    ratio_weight: float = 0.1
    mel_weight: float = 0.25
    tuning_mel_weight: float = 8.0
    adversarial_weight: float = 1.5
    lead_steps: int = 150
    commitment: float = 0.5
    varied: float = 0.5
    seed: int = 0
    bfloat16: bool = True

    def __post_init__(self) -> None:
        if not 0 < self.waveform_steps < self.freeze_step <= self.steps:
            raise OptionError(
                f"waveform_steps {self.waveform_steps}, freeze_step {self.freeze_step}, steps {self.steps} "
                "must rise in this order: change them or leave the first two out"
            )


class CodecTrainer:
    """Trains a `Codec` on a corpus's audio; driven by `loop.train`.

    Args:
        config: of the codec.
        settings: of the run.
        corpora: folders that `simba-live data compose` wrote.
        device: where to compute.
        hours: of each corpus to use at most.
    """

    def __init__(
        self,
        config: CodecConfig,
        settings: CodecTraining,
        corpora: Sequence[Path],
        device: torch.device,
        hours: float | None = None,
    ) -> None:
        self.settings = settings
        self.device = device
        torch.manual_seed(settings.seed)
        self.codec = Codec(config).to(device)
        self.train_crops = AudioCrops(corpora, "train", config.sampling_rate, hours, settings.varied)
        self.valid_crops = AudioCrops(corpora, "valid", config.sampling_rate)
        self.crop_length = round(settings.crop_seconds * self.codec.frame_rate) * self.codec.hop_length
        self.mel_loss = MelLoss(config.sampling_rate)
        self.learner = CodebookLearner(self.codec.quantizer.codebooks)
        self.balancer = GradientBalancer()
        self.adversary: Adversary | None = None
        batch = self._batch(0)
        start_from_data(
            _Autoencoder(self.codec),
            batch,
            last=_ends(self.codec.decoder)[1],
            last_scale=0.3 * float(batch.std()),
        )
        self.optimizer = MatrixOptimizer(
            [
                Group(list(self.codec.encoder.named_parameters())),
                Group(list(self.codec.decoder.named_parameters())),
            ],
            settings.matrix_learning_rate,
            settings.learning_rate,
        )

    def step(self, index: int) -> dict[str, float]:
        """One update; see the module's docstring for what part of the run does what."""
        settings = self.settings
        if index == settings.waveform_steps:
            self._place_codebooks(index)
        quantised = index >= settings.waveform_steps
        paces = [share * self._pace(index) for share in ENCODER_AND_DECODER_PACE[quantised]]
        audio = self._batch(index)
        decoded, commitment = self._reconstruct(audio, index)
        error = normalised_error(decoded, audio)
        waveform = error + settings.ratio_weight * log_error(decoded, audio)
        mel = self.mel_loss(decoded, audio)
        figures = {"error": error.item(), "mel": mel.item(), "commitment": commitment.item()}
        self.optimizer.zero_grad()
        if index < settings.freeze_step:
            (waveform + self._mel_weight(index) * mel + settings.commitment * commitment).backward()
        else:
            figures |= self._backward_balanced(decoded, audio, {"waveform": waveform, "mel": mel}, index)
        norm = nn.utils.clip_grad_norm_(self.codec.parameters(), 1.0)
        if torch.isfinite(norm):
            self.optimizer.step(*paces)
        return figures

    def _backward_balanced(
        self, decoded: Tensor, audio: Tensor, losses: dict[str, Tensor], index: int
    ) -> dict[str, float]:
        """Gradients of the third part's losses, each at its weight, and an update of the discriminator."""
        settings = self.settings
        weights = {"waveform": 1.0, "mel": settings.tuning_mel_weight}
        found = self._opponent().examine(decoded, audio, index) if settings.adversarial_weight else None
        if found is not None:
            heard = index >= settings.freeze_step + settings.lead_steps
            share = settings.adversarial_weight / len(found.codec) if heard else 0.0
            losses, weights = losses | found.codec, weights | dict.fromkeys(found.codec, share)
        torch.autograd.backward(decoded, self.balancer.gradient(losses, weights, decoded))
        if found is None:
            return {}
        self._opponent().learn(found)
        return found.figures

    def _opponent(self) -> Adversary:
        """The adversary, made when the third part begins."""
        if self.adversary is None:
            self.adversary = Adversary(self.device, self.settings.seed, bfloat16=self.settings.bfloat16)
        return self.adversary

    @torch.no_grad()
    def evaluate(self) -> dict[str, float]:
        """Error, SI-SDR in dB and perplexities on held-out excerpts of 2 s, by number of codebooks."""
        audio = self.valid_crops.batch(0, 0, 24, 100 * self.codec.hop_length).to(self.device)
        latent = self.codec.encoder(audio)
        measures = {"si_sdr unquantised": _si_sdr(self.codec.decoder(latent), audio)}
        codes = self.codec.quantizer.encode(latent)
        for count in range(1, self.codec.num_codebooks + 1):
            decoded = self.codec.decoder(self.codec.quantizer.decode(codes[:, :count]))
            measures[f"si_sdr {count}"] = _si_sdr(decoded, audio)
        measures |= {
            "error": float(normalised_error(decoded, audio)),
            "mel": float(self.mel_loss(decoded, audio)),
        }
        for count, used in enumerate(codes.transpose(0, 1).flatten(1), 1):
            share = torch.bincount(used, minlength=self.codec.codebook_size) / used.numel()
            measures[f"perplexity {count}"] = float(torch.special.entr(share).sum().exp())
        return measures

    def tensors(self) -> dict[str, Tensor]:
        """Weights, moments, the codebooks' averages, and the adversary once there is one."""
        tensors = module_tensors(self.codec, "codec.") | self.optimizer.tensors() | self.learner.tensors()
        if self.adversary is not None:
            tensors |= self.adversary.tensors()
        return tensors | self.balancer.tensors()

    def load_tensors(self, tensors: Mapping[str, Tensor]) -> None:
        """The way back from `tensors`."""
        load_module(self.codec, tensors, "codec.")
        self.optimizer.load_tensors(tensors)
        self.learner.load_tensors(tensors)
        self.balancer.load_tensors(tensors)
        if any(name.startswith("discriminator.") for name in tensors):
            self._opponent().load_tensors(tensors)

    def export(self, folder: Path, step: int) -> None:
        """Write a folder that `Codec.load` and `transformers.EncodecModel` read."""
        del step
        self.codec.save(folder)

    def _batch(self, index: int) -> Tensor:
        crops = self.train_crops.batch(self.settings.seed, index, self.settings.batch_size, self.crop_length)
        return crops.to(self.device)

    def _reconstruct(self, audio: Tensor, index: int) -> tuple[Tensor, Tensor]:
        """Decoded audio and the commitment loss of a training batch."""
        settings = self.settings
        frozen = index >= settings.freeze_step
        quantised = index >= settings.waveform_steps
        with torch.autocast(self.device.type, torch.bfloat16, enabled=settings.bfloat16):
            with torch.set_grad_enabled(not frozen):
                latent = self.codec.encoder(audio)
            latent, commitment = latent.float(), audio.new_zeros(())
            if quantised:
                generator = torch.Generator().manual_seed(settings.seed * 1_000_003 + index)
                counts = self._num_codebooks(len(audio), generator)
                codes = self.learner.quantize(latent.detach(), counts, None if frozen else generator)
                if frozen:
                    latent = codes
                else:
                    commitment = (latent - codes).square().mean()
                    share = min(1.0, (index - settings.waveform_steps + 1) / settings.ramp_steps)
                    latent = latent + share * (codes - latent).detach()
            decoded = self.codec.decoder(latent)
        return decoded.float(), commitment

    def _num_codebooks(self, batch: int, generator: torch.Generator) -> Tensor:
        """All codebooks for most items, fewer for some, so that every number of them decodes well."""
        total = self.codec.num_codebooks
        fewer = torch.rand(batch, generator=generator) < FEWER_CODEBOOKS
        # Even on a logarithmic scale.
        drawn = (total + 1.0) ** torch.rand(batch, generator=generator)
        return torch.where(fewer, drawn.long(), total).to(self.device)

    def _pace(self, index: int) -> float:
        """Learning-rate factor: it falls to rest before the codes are fixed, and again at the end."""
        settings = self.settings
        if index < settings.waveform_steps:
            return min(1.0, (index + 1) / 20)
        if index < settings.freeze_step:
            return warmup_stable_decay(
                index - settings.waveform_steps, settings.freeze_step - settings.waveform_steps, warmup=50
            )
        return 0.5 * warmup_stable_decay(
            index - settings.freeze_step, settings.steps - settings.freeze_step, warmup=20
        )

    def _mel_weight(self, index: int) -> float:
        """Before the third part: it rises from 0 over the second part's first half."""
        settings = self.settings
        part = (index - settings.waveform_steps) / (settings.freeze_step - settings.waveform_steps)
        return settings.mel_weight * min(1.0, max(0.0, 2.0 * part))

    @torch.no_grad()
    def _place_codebooks(self, index: int) -> None:
        """Bring the latent to unit variance, changing nothing else, and put the codebooks where it lies.

        The commitment loss is not relative to the latent's size: if it were, the latent would grow without
        bound, and the codebooks could not follow.
        """
        latents = self._latents(index)
        scale = latents.std()
        to_latent, from_latent = _ends(self.codec.encoder)[1], _ends(self.codec.decoder)[0]
        for parameter in to_latent.parameters():
            parameter.div_(scale)
        from_latent.weight.mul_(scale)
        self.optimizer.forget()
        self.learner.initialise(latents / scale, torch.Generator().manual_seed(self.settings.seed))

    @torch.no_grad()
    def _latents(self, index: int) -> Tensor:
        """Some ten thousands of latent vectors [V, D] to place the codebooks by."""
        latents = []
        for offset in range(-(-20 * self.codec.codebook_size // (self.settings.batch_size * 32))):
            latent = self.codec.encoder(self._batch(10**9 + index + offset))
            latents.append(latent.float().transpose(1, 2).flatten(0, 1))
        return torch.cat(latents)


class _Autoencoder(nn.Module):
    """Encoder and decoder without the quantiser, as the initialisation runs them."""

    def __init__(self, codec: Codec) -> None:
        super().__init__()
        self.encoder, self.decoder = codec.encoder, codec.decoder

    def forward(self, audio: Tensor) -> Tensor:
        decoded: Tensor = self.decoder(self.encoder(audio))
        return decoded


def _ends(stack: Seanet) -> tuple[nn.Conv1d, nn.Conv1d]:
    """The first and the last convolution of an encoder or decoder."""
    first, last = (cast("StreamingConv1d", stack.layers[index]).conv for index in (0, -1))
    return first, last


def _si_sdr(decoded: Tensor, audio: Tensor) -> float:
    """Mean scale-invariant signal-to-distortion ratio of [B, 1, N] signals, in dB (arXiv 1811.02508)."""
    decoded, audio = decoded.flatten(1), audio.flatten(1)
    loud = audio.square().mean(1) > 1e-6
    decoded, audio = decoded[loud], audio[loud]
    target = (decoded * audio).sum(1, keepdim=True) / audio.square().sum(1, keepdim=True) * audio
    ratio = target.square().sum(1) / (decoded - target).square().sum(1).clamp_min(1e-12)
    return float((10.0 * ratio.clamp_min(1e-6).log10()).mean())
