"""A sound system that is not there."""

from types import SimpleNamespace


class FakePortAudio(SimpleNamespace):
    """What sounddevice says of two devices."""

    default = SimpleNamespace(device=(-1, 1))

    def query_hostapis(self):
        return [{"name": "Core Audio"}]

    def query_devices(self):
        names = [("Microphone", 1, 0), ("Speakers [left]", 0, 2), ("Headphones", 0, 2)]
        return [
            {
                "index": index,
                "name": name,
                "hostapi": 0,
                "max_input_channels": inputs,
                "max_output_channels": outputs,
                "default_samplerate": 44100.0,
            }
            for index, (name, inputs, outputs) in enumerate(names)
        ]
