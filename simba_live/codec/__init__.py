"""Audio to codes and back: EnCodec, whole or as a stream."""

from .config import CodecConfig
from .encodec import Codec, DecoderState, EncoderState

__all__ = ["Codec", "CodecConfig", "DecoderState", "EncoderState"]
