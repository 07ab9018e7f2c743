"""Streaming layers that know nothing of music: convolution, LSTM, Mamba-2, attention, mixers, norm."""
