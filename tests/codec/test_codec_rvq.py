"""Residual quantisation: nearest by plain distances, and codes that lead back to the latent."""

import torch

from simba_live.codec.rvq import ResidualVectorQuantizer, nearest


def random_quantizer():
    torch.manual_seed(4)
    quantizer = ResidualVectorQuantizer(3, 32, 6)
    quantizer.codebooks.normal_()
    return quantizer


def test_nearest_is_nearest():
    quantizer = random_quantizer()
    vectors = torch.randn(50, 6) * 3 + 1
    distances = torch.cdist(vectors, quantizer.codebooks[0], compute_mode="donot_use_mm_for_euclid_dist")
    assert torch.equal(nearest(vectors, quantizer.codebooks[0]), distances.argmin(dim=1))


def test_codes_of_a_sum_of_rows_give_it_back():
    quantizer = random_quantizer()
    # Each codebook a tenth of the size of the one before: the nearest row is then the one that went in.
    quantizer.codebooks *= torch.tensor([100.0, 1.0, 0.01]).view(3, 1, 1)
    codes = torch.randint(0, 32, (2, 3, 11))
    latent = quantizer.decode(codes)
    assert latent.shape == (2, 6, 11)
    assert torch.equal(quantizer.encode(latent), codes)


def test_every_codebook_leaves_less():
    torch.manual_seed(5)
    quantizer = random_quantizer()
    quantizer.codebooks[:, 0] = 0.0  # a row of zeros: no step can make it worse
    latent = torch.randn(1, 6, 40)
    errors = [
        (quantizer.decode(quantizer.encode(latent, count)) - latent).square().mean() for count in (1, 2, 3)
    ]
    assert latent.square().mean() > errors[0] > errors[1] > errors[2]


def test_codes_do_not_depend_on_autocast():
    quantizer = random_quantizer()
    latent = torch.randn(1, 6, 200)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        codes = quantizer.encode(latent)
    assert torch.equal(codes, quantizer.encode(latent))
