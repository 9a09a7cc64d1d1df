#!/usr/bin/env python3
"""Trains the starter network on what prepare.py gathered, for as many minutes as it is given.

    train.py data.npz -o coarse.pt --size 192 --minutes 39
    train.py data.npz -o starter.pt --size 256 --minutes 9 --rate 4e-4 --start coarse.pt

Kept and evaluated are the running means of the weights, not the last ones.
"""

import argparse
import math
import time

import numpy as np
import torch
from torch import nn

from augment import draw, normalise
from metrics import intersection_over_union, mean_absolute_error
from network import Starter, matte_loss

WARM_UP_STEPS, REPORT_STEPS = 200, 400
COARSE_SHARE = 0.4  # of each coarse answer in the loss
MEAN_DECAY = 0.998


class RunningMean:
    """An exponential mean of a network's state; young, it follows quickly."""

    def __init__(self, network):
        self.state = {key: value.clone() for key, value in network.state_dict().items()}

    @torch.no_grad()
    def update(self, network, step):
        keep = min(MEAN_DECAY, (1 + step) / (10 + step))
        for key, value in network.state_dict().items():
            if value.dtype.is_floating_point:
                self.state[key].mul_(keep).add_(value, alpha=1 - keep)
            else:
                self.state[key] = value.clone()


@torch.inference_mode()
def evaluate(state, pictures, mattes):
    """(MAE, IoU), means over uint8 [N, 3, S, S] and [N, 1, S, S]."""
    network = Starter()
    network.load_state_dict(state)
    network.eval()
    errors, overlaps = [], []
    for at in range(0, len(pictures), 16):
        found = network(normalise(pictures[at : at + 16].float())).numpy()
        for matte, truth in zip(found, mattes[at : at + 16].numpy() / np.float32(255)):
            errors.append(mean_absolute_error(matte, truth))
            overlaps.append(intersection_over_union(matte, truth))
    return np.mean(errors), np.mean(overlaps)


def learn(network, optimiser, x, y):
    """One step; returns its loss."""
    network.train()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        fine, *coarse = network(x)
    loss = matte_loss(fine.float(), y) + COARSE_SHARE * sum(matte_loss(logits.float(), y) for logits in coarse)
    optimiser.zero_grad(set_to_none=True)
    loss.backward()
    nn.utils.clip_grad_norm_(network.parameters(), 5.0)
    optimiser.step()
    return loss.item()


def load(path):
    data = np.load(path)

    def planes(name):
        array = data[name] if data[name].ndim == 4 else data[name][..., None]
        return torch.from_numpy(array).permute(0, 3, 1, 2).contiguous()

    return planes("X"), planes("Y"), torch.from_numpy(data["W"]), planes("EX"), planes("EY")


def train(options):
    torch.manual_seed(options.seed)
    X, Y, weights, EX, EY = load(options.data)
    network = Starter().to(memory_format=torch.channels_last)
    if options.start:
        network.load_state_dict(torch.load(options.start, weights_only=True))
    optimiser = torch.optim.AdamW(network.parameters(), lr=options.rate, weight_decay=1e-2)
    mean, started, step = RunningMean(network), time.monotonic(), 0
    while (part := (time.monotonic() - started) / 60 / options.minutes) < 1:
        for group in optimiser.param_groups:
            group["lr"] = options.rate * min(1, step / WARM_UP_STEPS) * (0.5 * (1 + math.cos(math.pi * part)) + 0.005)
        loss = learn(network, optimiser, *draw(X, Y, weights, options.batch, options.size))
        step += 1
        mean.update(network, step)
        if step % REPORT_STEPS == 0:
            error, overlap = evaluate(mean.state, EX, EY)
            print(f"{part:4.0%} step {step} loss {loss:.3f} MAE {error:.4f} IoU {overlap:.4f}", flush=True)
            torch.save(mean.state, options.output)
    torch.save(mean.state, options.output)
    error, overlap = evaluate(mean.state, EX, EY)
    print(f"{options.output}: {step} steps, MAE {error:.4f} IoU {overlap:.4f}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data")
    parser.add_argument("-o", "--output", required=True)
    parser.add_argument("--start", help="weights to go on from")
    parser.add_argument("--minutes", type=float, default=27)
    parser.add_argument("--size", type=int, default=192, help="edge of the pictures, a multiple of 32 (default 192)")
    parser.add_argument("--rate", type=float, default=2e-3, help="learning rate at its highest")
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--seed", type=int, default=0)
    train(parser.parse_args())


if __name__ == "__main__":
    main()
