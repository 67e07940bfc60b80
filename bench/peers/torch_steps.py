# PyTorch's side of the bench `learning`: the same step on the same weights and batch, one thread, timed by this process's CPU clock.
# Reads one JSON request a line from stdin, answers one JSON object a line on stdout. Needs python3-torch (Debian's 1.13 has functorch) and
# libopenblas0: on the reference BLAS PyTorch is many times slower, and no peer.
import json
import sys
import time

import numpy as np
import torch
import torch.nn.functional as F

torch.set_num_threads(1)
RATE = 0.05
CLIPPING_NORM = 1.0


def load(folder, name, batch):
    weights = torch.from_numpy(np.fromfile(f"{folder}/weights.bin", dtype=np.float32))
    labels = torch.from_numpy(np.fromfile(f"{folder}/labels.bin", dtype=np.uint32).astype(np.int64))
    inputs = torch.from_numpy(np.fromfile(f"{folder}/inputs.bin", dtype=np.float32))
    shapes = (
        [(784, 128), (128,), (128, 10), (10,)]
        if name == "mlp"
        else [(5, 5, 1, 32), (32,), (5, 5, 32, 64), (64,), (3136, 512), (512,), (512, 10), (10,)]
    )
    parts, at = [], 0
    for shape in shapes:
        size = int(np.prod(shape))
        parts.append(weights[at : at + size].reshape(shape))
        at += size
    if name == "mlp":
        return [p.t().contiguous() if p.dim() == 2 else p.clone() for p in parts], inputs.reshape(batch, 784), labels
    # Channels last to first: filters, and the rows of the first dense layer.
    c1, b1, c2, b2, f1, b3, f2, b4 = parts
    f1 = f1.reshape(7, 7, 64, 512).permute(3, 2, 0, 1).reshape(512, 3136)
    own = [c1.permute(3, 2, 0, 1), b1, c2.permute(3, 2, 0, 1), b2, f1, b3, f2.t(), b4]
    return [p.contiguous().clone() for p in own], inputs.reshape(batch, 1, 28, 28), labels


def forward(name, p, x):
    """Outputs, the values before each activation, and what goes into each layer."""
    if name == "mlp":
        z1 = F.linear(x, p[0], p[1])
        a1 = F.relu(z1)
        return F.linear(a1, p[2], p[3]), [z1], [x, a1]
    z1 = F.conv2d(x, p[0], p[1], padding=2)
    a1 = F.max_pool2d(F.relu(z1), 2)
    z2 = F.conv2d(a1, p[2], p[3], padding=2)
    a2 = F.max_pool2d(F.relu(z2), 2).flatten(1)
    z3 = F.linear(a2, p[4], p[5])
    a3 = F.relu(z3)
    return F.linear(a3, p[6], p[7]), [z1, z2, z3], [x, a1, a2, a3]


class Steps:
    def __init__(self, name, folder, batch):
        self.name, self.batch = name, batch
        self.p, self.x, self.y = load(folder, name, batch)
        for tensor in self.p:
            tensor.requires_grad_(True)

    def loss(self):
        with torch.no_grad():
            return F.cross_entropy(forward(self.name, self.p, self.x)[0], self.y).item()

    def update(self, gradients, factor):
        with torch.no_grad():
            for tensor, gradient in zip(self.p, gradients):
                tensor -= RATE * factor * gradient

    def plain(self):
        loss = F.cross_entropy(forward(self.name, self.p, self.x)[0], self.y)
        self.update(torch.autograd.grad(loss, self.p), 1.0)

    def functorch(self):
        from functorch import grad, vmap

        def one(p, x, y):
            return F.cross_entropy(forward(self.name, p, x.unsqueeze(0))[0], y.unsqueeze(0))

        detached = [tensor.detach() for tensor in self.p]
        rows = vmap(grad(one), in_dims=(None, 0, 0))(detached, self.x, self.y)
        norms = torch.sqrt(sum(row.flatten(1).square().sum(1) for row in rows))
        factors = torch.clamp(CLIPPING_NORM / norms, max=1.0)
        self.update([torch.einsum("b,b...->...", factors, row) for row in rows], 1.0 / self.batch)

    def handwritten(self):
        """Norms of dense layers in closed form, per-example gradients of convolutions only."""
        outputs, hidden, inputs = forward(self.name, self.p, self.x)
        deltas = torch.autograd.grad(F.cross_entropy(outputs, self.y, reduction="sum"), [*hidden, outputs])
        with torch.no_grad():
            squares, later = 0.0, []
            for layer, (delta, entering) in enumerate(zip(deltas, inputs)):
                if delta.dim() == 2:
                    squares = squares + (entering.square().sum(1) + 1.0) * delta.square().sum(1)
                    later.append((entering, delta))
                else:
                    columns = F.unfold(entering, 5, padding=2)
                    rows = torch.bmm(delta.flatten(2), columns.transpose(1, 2))
                    biases = delta.sum((2, 3))
                    squares = squares + rows.square().sum((1, 2)) + biases.square().sum(1)
                    later.append((rows, biases))
            factors = torch.clamp(CLIPPING_NORM / torch.sqrt(squares), max=1.0)
            gradients = []
            for (first, second), shape in zip(later, [tensor.shape for tensor in self.p[::2]]):
                if first.dim() == 3:
                    gradients.append((factors @ first.flatten(1)).reshape(shape))
                    gradients.append(factors @ second)
                else:
                    weighted = second * factors.unsqueeze(1)
                    gradients.append(weighted.t() @ first)
                    gradients.append(weighted.sum(0))
        self.update(gradients, 1.0 / self.batch)


def answer(steps, request):
    if request["kind"] == "load":
        steps = Steps(request["name"], request["folder"], request["batch"])
        torch.mm(torch.ones(8, 8), torch.ones(8, 8))
        with open("/proc/self/maps") as maps:
            fast = any(name in line for line in maps for name in ("openblas", "mkl_core", "blis"))
        return steps, {"version": torch.__version__, "hasFastBlas": fast}
    if request["kind"] == "loss":
        return steps, {"loss": steps.loss()}
    work = getattr(steps, request["variant"])
    began = time.process_time()
    for _ in range(request["count"]):
        work()
    return steps, {"cpuMs": 1000.0 * (time.process_time() - began) / request["count"]}


current = None
for line in sys.stdin:
    current, reply = answer(current, json.loads(line))
    print(json.dumps(reply), flush=True)
