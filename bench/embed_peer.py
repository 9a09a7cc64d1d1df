"""Features of ResNet-18 the usual way: torchvision's transforms in a DataLoader, PyTorch on the CPU. Prints the rate.

embed_peer.py FOLDER [WORKERS] [BATCH]
"""

import pathlib
import sys
import time

import torch
import torchvision
from PIL import Image
from torchvision import transforms


class Photos(torch.utils.data.Dataset):
    def __init__(self, folder):
        self.files = sorted(pathlib.Path(folder).glob("*.jpg"))
        self.prepared = transforms.Compose(
            [
                transforms.Resize(256),
                transforms.CenterCrop(224),
                transforms.ToTensor(),
                transforms.Normalize((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)),
            ]
        )

    def __len__(self):
        return len(self.files)

    def __getitem__(self, index):
        return self.prepared(Image.open(self.files[index]).convert("RGB"))


def main():
    workers = int(sys.argv[2]) if len(sys.argv) > 2 else 2
    batch = int(sys.argv[3]) if len(sys.argv) > 3 else 32
    torch.manual_seed(7)
    model = torchvision.models.resnet18().eval()
    model.fc = torch.nn.Identity()
    photos = Photos(sys.argv[1])
    rows = []
    start = time.perf_counter()
    with torch.inference_mode():
        for pictures in torch.utils.data.DataLoader(photos, batch_size=batch, num_workers=workers):
            rows.append(model(pictures))
    seconds = time.perf_counter() - start
    print(f"{len(photos)} pictures, {tuple(torch.cat(rows).shape)}, {seconds:.2f} s, {len(photos) / seconds:.1f} img/s")


if __name__ == "__main__":
    main()
