"""Music, written down: theory, styles, composer, arranger, prompts. Notes and beats; no audio, no torch."""
