#!/usr/bin/env python3
"""Trains the upscaler or the denoiser on the patches that patches.py made.

    train.py upscale|denoise PATCHES.npy -o WEIGHTS.pt --minutes N

Every 250 steps it says where it is; every 1,000 it saves, so what is there may be exported and looked at.
"""

import argparse
import math
import time

import numpy as np
import torch
from torch import nn

from networks import NETWORKS
from spoil import halved, noisy

SPOIL = {"upscale": halved, "denoise": noisy}
STAGES = ((0.6, 96, 16), (1.0, 128, 9))  # until this share of the time: side and number of the patches of a step


def clean_batch(patches, part, rng):
    side, count = next((side, count) for until, side, count in STAGES if part < until)
    y, x = (int(rng.integers(0, patches.shape[1] - side + 1)) for _ in range(2))
    chosen = np.sort(rng.choice(len(patches), count, replace=False))
    clean = torch.from_numpy(patches[chosen, y : y + side, x : x + side]).permute(0, 3, 1, 2).float() / 255
    if rng.random() < 0.5:
        clean = clean.flip(3)
    if rng.random() < 0.5:
        clean = clean.flip(2)
    if rng.random() < 0.5:
        clean = clean.transpose(2, 3)
    if rng.random() < 0.3:
        clean = clean[:, torch.from_numpy(rng.permutation(3))]
    return clean.contiguous()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kind", choices=sorted(NETWORKS))
    parser.add_argument("patches")
    parser.add_argument("-o", "--out", required=True)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--rate", type=float, default=1e-3)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--start", metavar="WEIGHTS.pt", help="go on from these; a --rate of 0.0005 serves")
    parser.add_argument(
        "--bf16", action="store_true", help="faster with AMX and on AMD Zen 4 and later; slower elsewhere"
    )
    options = parser.parse_args()

    torch.manual_seed(options.seed)
    rng = np.random.default_rng(options.seed)
    patches = np.load(options.patches, mmap_mode="r")
    network = NETWORKS[options.kind]().to(memory_format=torch.channels_last)
    if options.start:
        network.load_state_dict(torch.load(options.start, weights_only=True))
    print(f"{sum(p.numel() for p in network.parameters()) / 1e6:.2f} M parameters, {len(patches)} patches", flush=True)
    averaged = {name: value.clone() for name, value in network.state_dict().items()}
    optimizer = torch.optim.Adam(network.parameters(), lr=options.rate)
    start, step, recent = time.time(), 0, 0.0
    while (part := (time.time() - start) / 60 / options.minutes) < 1:
        for group in optimizer.param_groups:
            group["lr"] = options.rate * min(1, (step + 1) / 200) * (0.5 * (1 + math.cos(math.pi * part)) + 0.003)
        clean = clean_batch(patches, part, rng)
        spoilt = SPOIL[options.kind](clean, rng).contiguous(memory_format=torch.channels_last)
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=options.bf16):
            restored = network(spoilt)
        loss = ((restored.float() - clean) ** 2 + 1e-6).sqrt().mean()  # Charbonnier
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(network.parameters(), 0.5)
        optimizer.step()
        step += 1
        recent += loss.item()
        keep = min(0.999, (1 + step) / (10 + step))
        with torch.no_grad():
            for name, value in network.state_dict().items():
                averaged[name].mul_(keep).add_(value, alpha=1 - keep)
        if step % 250 == 0:
            print(f"{part:4.0%} step {step} loss {recent / 250:.5f}", flush=True)
            recent = 0.0
        if step % 1000 == 0:
            torch.save(averaged, options.out)
    torch.save(averaged, options.out)


if __name__ == "__main__":
    main()
