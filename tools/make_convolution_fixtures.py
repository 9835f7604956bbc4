"""Pico convolutional networks with the logits of torchvision, timm and plain PyTorch, for the tests of their families.

    python tools/make_convolution_fixtures.py core/src/test/resources/convolution [vgg torchvision-resnet/basic ...]

Needs torch, torchvision, timm and safetensors. Makes DIR/FAMILY/VARIANT, all of them or the named ones; each holds
  config.json            what the tensors do not show; for timm's file what timm writes
  model.safetensors      random weights, norms and running statistics away from those of an untrained network
  expected.safetensors   pixels [3, C, H, W], labels [3], logits of the whole network and `logits_without` the removed layers, the
                         mean loss, and `gradient_norms`: the Euclidean norm of the gradient of each parameter, with stored
                         statistics, in sorted order of the names (the metadata's `gradients` holds them)
  removal.json           `removed`: the layers; `config`: the fields of config.json that change with them
headers.json holds names and shapes of the tensors of full-size networks of torchvision, with the numbers of parameters and of
billions of multiplications that torchvision publishes for them, of activations that a pass over one image makes room for, and the
shorter side to which the presets of its first weights resize.
The networks are torchvision's own classes with narrower stages; the CIFAR ones are written out below.
"""

import copy
import json
import re
import sys
from pathlib import Path

import timm
import torch
import torch.nn.functional as F
import torchvision
from safetensors.torch import save_file
from torch import nn
from torchvision.models import MobileNetV2
from torchvision.models.convnext import CNBlock, CNBlockConfig, ConvNeXt
from torchvision.models.resnet import BasicBlock, Bottleneck, ResNet
from torchvision.models.vgg import VGG, make_layers

IMAGES, CLASSES = 3, 10
MADE_BY = (f"tools/make_convolution_fixtures.py, torch {torch.__version__}, torchvision {torchvision.__version__}, "
           f"timm {timm.__version__}")


def drawn(model):
    """Weights that matter: activations keep their size, norms and statistics are their own."""
    for name, tensor in sorted([*model.named_parameters(), *model.named_buffers()]):
        noise = torch.randn(tensor.shape)
        if name.endswith("num_batches_tracked"):
            tensor.data = torch.tensor(7)
        elif name.endswith("running_var"):
            tensor.data = 0.5 + torch.rand(tensor.shape)
        elif re.search(r"layer_scale|gamma", name):
            tensor.data = 0.5 + 0.3 * noise
        elif tensor.dim() < 2:
            tensor.data = (1 if name.endswith("weight") else 0) + 0.2 * noise
        else:
            tensor.data = noise * (1.5 / tensor[0].numel()) ** 0.5
    return model.eval()


def save(folder, model, pruned, removed, config=None, change=None, pixels=32, channels=3, dimensions=2):
    folder.mkdir(parents=True, exist_ok=True)
    x, labels = torch.randn(IMAGES, channels, *[pixels] * dimensions), torch.tensor([0, 3, CLASSES - 1])
    logits = model(x)
    loss = F.cross_entropy(logits, labels)
    loss.backward()
    norms = {n: p.grad.norm() for n, p in sorted(model.named_parameters())}
    with torch.no_grad():
        without = pruned(x)
    assert (logits - without).abs().max() > 1e-2
    save_file({"pixels": x, "labels": labels, "logits": logits.detach(), "loss": loss.detach(), "logits_without": without,
               "gradient_norms": torch.stack(list(norms.values()))}, folder / "expected.safetensors",
              {"gradients": json.dumps(list(norms)), "made_by": MADE_BY})
    save_file(model.state_dict(), folder / "model.safetensors")
    said = {"input_size": pixels, "normalisation": {"mean": [0.5] * channels, "std": [0.25] * channels}}
    if dimensions == 1:
        said.pop("normalisation")
    (folder / "config.json").write_text(json.dumps({**said, **(config or {})}) + "\n")
    (folder / "removal.json").write_text(json.dumps({"removed": removed, "config": change or {}}) + "\n")


def skipped(model, *places):
    """The same network with identities in these places."""
    pruned = copy.deepcopy(model)
    for place in places:
        owner, name = place.rsplit(".", 1) if "." in place else ("", place)
        setattr(pruned.get_submodule(owner), name, nn.Identity())
    return pruned


# torchvision's ResNet -----------------------------------------------------------------------------------------------------

def resnet(block, layers, planes, stem=8, groups=1, width=64, first=None, pool=True):
    model = ResNet(block, layers, num_classes=CLASSES, groups=groups, width_per_group=width)
    model.conv1 = first or nn.Conv2d(3, stem, 7, 2, 3, bias=False)
    model.bn1, model.inplanes = nn.BatchNorm2d(stem), stem
    if not pool:
        model.maxpool = nn.Identity()
    for s in range(4):
        setattr(model, f"layer{s + 1}", model._make_layer(block, planes[s], layers[s], stride=1 if s == 0 else 2))
    model.fc = nn.Linear(planes[3] * block.expansion, CLASSES)
    return drawn(model)


def of_resnet(folder, block, layers, removed, places, left, config=None, **options):
    model = resnet(block, layers, options.pop("planes", [8, 12, 16, 24]), **options)
    save(folder, model, skipped(model, *places), removed, config, {"layers": left, "classes": CLASSES}, pixels=64)


# torchvision's MobileNetV2 and ConvNeXt, VGG ------------------------------------------------------------------------------

def of_mobilenet(folder, setting, removed, places, left, said=None, **options):
    model = drawn(MobileNetV2(num_classes=CLASSES, inverted_residual_setting=setting, dropout=0, **options))
    save(folder, model, skipped(model, *places), removed, {"inverted_residual_setting": said or setting},
         {"inverted_residual_setting": left}, pixels=48)


def of_convnext(folder, settings, removed, places, left):
    model = drawn(ConvNeXt([CNBlockConfig(*s) for s in settings], num_classes=CLASSES))
    save(folder, model, skipped(model, *places), removed, {}, {"depths": left}, pixels=64)


def of_timm(folder, removed, places, left, **args):
    model = drawn(timm.models.convnext.ConvNeXt(num_classes=CLASSES, **args))
    save(folder, model, skipped(model, *places), removed, {}, {"depths": left}, pixels=64)


def of_timm_resnet(folder, architecture="resnet50", channels=(4, 6, 8, 8), pixels=64, **args):
    """A folder as timm writes it."""
    model = drawn(timm.create_model(architecture, layers=(1, 2, 1, 1), num_classes=CLASSES, channels=channels, **args))
    folder_of_timm(folder, architecture, model, "layer2.1", 2,
                   {**args, "layers": [1, 1, 1, 1], "channels": list(channels)}, args, pixels)


def of_timm_convnext(folder):
    """The same of a ConvNeXt, whose depths the configuration says."""
    depths, dims = [2, 1, 2, 1], [8, 12, 16, 16]
    model = drawn(timm.models.convnext.ConvNeXt(num_classes=CLASSES, depths=depths, dims=dims))
    folder_of_timm(folder, "convnext_tiny", model, "stages.2.blocks.1", 6,
                   {"depths": [2, 1, 1, 1], "dims": dims, "conv_mlp": False}, {"depths": depths, "dims": dims})


def folder_of_timm(folder, architecture, model, place, index, left, args=None, pixels=64):
    said = {"mean": [0.4] * 3, "std": [0.3] * 3, "input_size": [3, pixels, pixels], "interpolation": "bicubic"}
    training = {"drop_path_rate": 0.1}
    config = {"architecture": architecture, "num_classes": CLASSES, "global_pool": "avg", "pretrained_cfg": said,
              "model_args": {**(args or {}), **training}}
    change = {"architecture": architecture, "num_classes": CLASSES, "model_args": {**left, **training}}
    save(folder, model, skipped(model, place), [index], config, change, pixels)
    (folder / "config.json").write_text(json.dumps(config) + "\n")


def of_vgg(folder, cfg, removed, left, norm, head, pixels=32):
    def made(numbers):
        model = VGG(nn.Sequential(), num_classes=CLASSES, init_weights=False)
        model.features = make_layers(numbers, batch_norm=norm)
        model.avgpool, model.classifier = head()
        return model.eval()

    model, pruned = drawn(made(cfg)), made(left)
    kept = [m for i, m in enumerate(units(model.features)) if i - 1 not in removed]
    for own, other in zip((m for u in kept for m in u if not isinstance(m, nn.MaxPool2d)),
                          (m for m in pruned.features if not isinstance(m, nn.MaxPool2d)), strict=True):
        own.inplace = other.inplace = False
        other.load_state_dict(own.state_dict())
    pruned.classifier.load_state_dict(model.classifier.state_dict())
    save(folder, model, pruned, removed, {"cfg": cfg} if cfg[-1] != "M" else {}, {"cfg": left, "batch_norm": norm},
         pixels=pixels)


def units(features, kind=nn.Conv2d):
    found = []
    for module in features:
        if isinstance(module, kind):
            found.append([])
        found[-1].append(module)
    return found


def linear(inputs, parts=1):
    return lambda: (nn.AdaptiveAvgPool2d(parts), nn.Linear(inputs, CLASSES))


def three(inputs, parts):
    return lambda: (nn.AdaptiveAvgPool2d(parts), nn.Sequential(
        nn.Linear(inputs * parts * parts, 20), nn.ReLU(), nn.Dropout(), nn.Linear(20, 16), nn.ReLU(), nn.Dropout(),
        nn.Linear(16, CLASSES)))


def dropped(inputs):
    return lambda: (nn.AdaptiveAvgPool2d(1), nn.Sequential(
        nn.Dropout(), nn.Linear(inputs, 16), nn.ReLU(), nn.Dropout(), nn.Linear(16, 12), nn.ReLU(), nn.Linear(12, CLASSES)))


# CIFAR --------------------------------------------------------------------------------------------------------------------

class Cifar(nn.Module):
    """As kuangliu's pytorch-cifar names it, or (`names`) as bearpaw's pytorch-classification does."""

    def __init__(self, block, depths, widths, names=("shortcut", "linear"), norm=True):
        super().__init__()
        self.block, self.names, inputs = block, names, widths[0]
        self.conv1 = nn.Conv2d(3, inputs, 3, padding=1, bias=False)
        if norm:
            self.bn1 = nn.BatchNorm2d(inputs)
        for s, (depth, width) in enumerate(zip(depths, widths)):
            blocks = []
            for i in range(depth):
                blocks.append(block(inputs, width, 2 if s and not i else 1, names[0]))
                inputs = width * block.expansion
            setattr(self, f"layer{s + 1}", nn.Sequential(*blocks))
        if not norm and names[1] == "fc":
            self.bn = nn.BatchNorm2d(inputs)
        setattr(self, names[1], nn.Linear(inputs, CLASSES))

    def forward(self, x):
        h = self.conv1(x)
        h = F.relu(self.bn1(h)) if hasattr(self, "bn1") else h
        for stage in (s for s in ("layer1", "layer2", "layer3", "layer4") if hasattr(self, s)):
            h = getattr(self, stage)(h)
        h = F.relu(self.bn(h)) if hasattr(self, "bn") else h
        return getattr(self, self.names[1])(F.adaptive_avg_pool2d(h, 1).flatten(1))


class Basic(nn.Module):
    expansion = 1

    def __init__(self, inputs, width, stride, name):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, width, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.around(inputs, width, stride, name)

    def around(self, inputs, outputs, stride, name):
        self.name = name
        if stride > 1 or inputs != outputs:
            setattr(self, name, nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs)))

    def shortcut_of(self, x):
        return getattr(self, self.name)(x) if hasattr(self, self.name) else x

    def forward(self, x):
        h = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        return F.relu(h + self.shortcut_of(x))


class Three(Basic):
    expansion = 4

    def __init__(self, inputs, width, stride, name):
        nn.Module.__init__(self)
        self.conv1, self.bn1 = nn.Conv2d(inputs, width, 1, bias=False), nn.BatchNorm2d(width)
        self.conv2, self.bn2 = nn.Conv2d(width, width, 3, stride, 1, bias=False), nn.BatchNorm2d(width)
        self.conv3, self.bn3 = nn.Conv2d(width, 4 * width, 1, bias=False), nn.BatchNorm2d(4 * width)
        self.around(inputs, 4 * width, stride, name)

    def forward(self, x):
        h = F.relu(self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x))))))
        return F.relu(self.bn3(self.conv3(h)) + self.shortcut_of(x))


class PreAct(nn.Module):
    expansion = 1

    def __init__(self, inputs, width, stride, name):
        super().__init__()
        self.name = name
        self.bn1, self.conv1 = nn.BatchNorm2d(inputs), nn.Conv2d(inputs, width, 3, stride, 1, bias=False)
        self.bn2, self.conv2 = nn.BatchNorm2d(width), nn.Conv2d(width, width, 3, 1, 1, bias=False)
        if stride > 1 or inputs != width:
            setattr(self, name, nn.Sequential(nn.Conv2d(inputs, width, 1, stride, bias=False)))

    def forward(self, x):
        h = F.relu(self.bn1(x))
        around = getattr(self, self.name)(h if self.name == "shortcut" else x) if hasattr(self, self.name) else x
        return self.conv2(F.relu(self.bn2(self.conv1(h)))) + around


def of_cifar(folder, block, depths, widths, removed, places, left, **options):
    model = drawn(Cifar(block, depths, widths, **options))
    save(folder, model, skipped(model, *places), removed, {}, {"depths": left, "widths": widths}, pixels=16)


# signals ------------------------------------------------------------------------------------------------------------------

def of_line(folder, cfg, removed, left, norm, window, parts=1, pixels=64):
    """A plain network of signals, by the names of VGG."""
    def made(numbers):
        layers, channels = [], 1
        for v in numbers:
            layers += [nn.MaxPool1d(2)] if v == "M" else [nn.Conv1d(channels, v, window, padding=window // 2),
                                                          *([nn.BatchNorm1d(v)] if norm else []), nn.ReLU()]
            channels = channels if v == "M" else v
        model = nn.Sequential()
        model.features, model.pool, model.flat = nn.Sequential(*layers), nn.AdaptiveAvgPool1d(parts), nn.Flatten()
        model.classifier = nn.Linear(channels * parts, CLASSES)
        return model.eval()

    model, pruned = drawn(made(cfg)), made(left)
    kept = [m for i, m in enumerate(units(model.features, nn.Conv1d)) if i - 1 not in removed]
    for own, other in zip((m for u in kept for m in u if not isinstance(m, nn.MaxPool1d)),
                          (m for m in pruned.features if not isinstance(m, nn.MaxPool1d)), strict=True):
        other.load_state_dict(own.state_dict())
    pruned.classifier.load_state_dict(model.classifier.state_dict())
    save(folder, model, pruned, removed, {}, {"cfg": left, "batch_norm": norm}, pixels, 1, 1)


class LineBlock(nn.Module):
    def __init__(self, inputs, width, stride):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv1d(inputs, width, 5, stride, 2, bias=False), nn.BatchNorm1d(width)
        self.conv2, self.bn2 = nn.Conv1d(width, width, 5, 1, 2, bias=False), nn.BatchNorm1d(width)
        if stride > 1 or inputs != width:
            self.shortcut = nn.Sequential(nn.Conv1d(inputs, width, 1, stride, bias=False), nn.BatchNorm1d(width))

    def forward(self, x):
        h = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        return F.relu(h + (self.shortcut(x) if hasattr(self, "shortcut") else x))


class Line(nn.Module):
    def __init__(self, depths, widths):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv1d(2, widths[0], 7, 1, 3, bias=False), nn.BatchNorm1d(widths[0])
        inputs = widths[0]
        for s, (depth, width) in enumerate(zip(depths, widths)):
            blocks = []
            for i in range(depth):
                blocks.append(LineBlock(inputs, width, 2 if s and not i else 1))
                inputs = width
            setattr(self, f"layer{s + 1}", nn.Sequential(*blocks))
        self.linear = nn.Linear(inputs, CLASSES)

    def forward(self, x):
        h = F.relu(self.bn1(self.conv1(x)))
        return self.linear(self.layer3(self.layer2(self.layer1(h))).mean(2))


def of_line_resnet(folder):
    model = drawn(Line([2, 2, 1], [6, 8, 8]))
    save(folder, model, skipped(model, "layer1.0", "layer2.1"), [0, 3], {}, {"depths": [1, 1, 1]}, 48, 2, 1)


# full-size headers --------------------------------------------------------------------------------------------------------

FULL = ["ResNet18", "ResNet34", "ResNet50", "ResNet101", "ResNet152", "ResNeXt50_32X4D", "ResNeXt101_32X8D",
        "Wide_ResNet50_2", "Wide_ResNet101_2", "MobileNet_V2", "VGG11", "VGG13", "VGG16_BN", "VGG19", "ConvNeXt_Tiny",
        "ConvNeXt_Base", "ConvNeXt_Small", "ConvNeXt_Large", "ResNeXt101_64X4D"]


def activations(model):
    """Numbers of the image and of what modules give that does not stand in the place of what they get; a pool remembers places
    beside, as integers of twice the size. The scale of a ConvNeXt's block is no module: as large as the block's output; nor is
    MobileNetV2's mean."""
    counted = [3 * 224 * 224, model.last_channel if isinstance(model, MobileNetV2) else 0]
    making = (nn.Conv2d, nn.Linear, nn.BatchNorm2d, nn.LayerNorm, nn.ReLU6, nn.GELU, nn.AdaptiveAvgPool2d, CNBlock)
    for part in model.modules():
        if isinstance(part, nn.MaxPool2d):
            part.register_forward_hook(lambda module, inputs, output: counted.append(3 * output.numel()))
        elif isinstance(part, making):
            part.register_forward_hook(lambda module, inputs, output: counted.append(output.numel()))
    with torch.device("meta"):
        model.eval()(torch.zeros(1, 3, 224, 224))
    return sum(counted)


def headers(file):
    found = {}
    for name in FULL:
        with torch.device("meta"):
            model = torchvision.models.get_model(name.lower())
        weights = torchvision.models.get_model_weights(name.lower())
        meta, images = weights.DEFAULT.meta, weights.IMAGENET1K_V1.transforms()
        assert images.crop_size == [224] and images.interpolation.value == "bilinear" and images.antialias
        found[name] = {"parameters": meta["num_params"], "gmacs": meta["_ops"],
                       "activations": activations(model), "resize": images.resize_size[0],
                       "tensors": {n: list(t.shape) for n, t in model.state_dict().items()}}
    file.write_text("{" + ",\n".join(f'"{n}": {json.dumps(v, separators=(",", ":"))}' for n, v in found.items()) + "}\n")


MOBILE = [[1, 16, 1, 1], [6, 24, 2, 2], [6, 24, 2, 1], [4, 32, 3, 2]]
VARIANTS = {
    "torchvision-resnet/basic": lambda f: of_resnet(f, BasicBlock, [2, 2, 1, 2], [0, 1, 3], ["layer1.0", "layer1.1", "layer2.1"],
                                                    [0, 1, 1, 2]),
    "torchvision-resnet/bottleneck": lambda f: of_resnet(f, Bottleneck, [2, 1, 2, 1], [1, 4], ["layer1.1", "layer3.1"],
                                                         [1, 1, 1, 1], planes=[4, 6, 8, 8]),
    "torchvision-resnet/grouped": lambda f: of_resnet(f, Bottleneck, [1, 2, 1, 1], [2], ["layer2.1"], [1, 1, 1, 1],
                                                      planes=[4, 8, 8, 8], groups=4, width=32),
    "torchvision-resnet/wide": lambda f: of_resnet(f, Bottleneck, [1, 1, 1, 2], [4], ["layer4.1"], [1, 1, 1, 1],
                                                   planes=[4, 4, 8, 8], width=128),
    "torchvision-resnet/small_stem": lambda f: of_resnet(
        f, BasicBlock, [1, 2, 1, 1], [2], ["layer2.1"], [1, 1, 1, 1], {"stem_stride": 1, "stem_pooling": False},
        first=nn.Conv2d(3, 8, 3, 1, 1, bias=False), pool=False),
    "torchvision-resnet/timm": of_timm_resnet,
    "torchvision-mobilenet-v2/plain": lambda f: of_mobilenet(
        f, MOBILE, [3, 4, 6], ["features.4", "features.5", "features.7"],
        [[1, 16, 1, 1], [6, 24, 2, 2], [4, 32, 2, 2]]),
    "torchvision-mobilenet-v2/narrow": lambda f: of_mobilenet(
        f, [[1, 32, 2, 1], [3, 32, 2, 2], [6, 48, 2, 1]], [1, 3, 5], ["features.2", "features.4", "features.6"],
        [[1, 16, 1, 1], [3, 16, 1, 2], [6, 24, 1, 1]], [[1, 16, 2, 1], [3, 16, 2, 2], [6, 24, 2, 1]], width_mult=0.5),
    "vgg/torchvision": lambda f: of_vgg(f, [8, 8, "M", 12, "M", 12, 12, 12, "M"], [0, 4],
                                        [8, "M", 12, "M", 12, 12, "M"], False, three(12, 2)),
    "vgg/normed": lambda f: of_vgg(f, [8, 8, "M", 8, 12, 12, "M", 12, 12, "M"], [0, 3, 5], [8, "M", 8, 12, "M", 12, "M"], True,
                                   three(12, 3)),
    "vgg/cifar": lambda f: of_vgg(f, [8, "M", 12, 12, "M", 12, 12, 12, "M"], [1, 3, 4], [8, "M", 12, "M", 12, "M"], True,
                                  linear(12), pixels=8),
    "vgg/dropped": lambda f: of_vgg(f, [8, 8, "M", 12, 12, "M"], [2], [8, 8, "M", 12, "M"], False, dropped(12), pixels=4),
    "vgg/unpooled": lambda f: of_vgg(f, [8, 8, "M", 8, 8], [0, 2], [8, "M", 8], True, linear(8), pixels=8),
    "cifar-resnet/projected": lambda f: of_cifar(f, Basic, [2, 2, 2], [6, 8, 12], [0, 3], ["layer1.0", "layer2.1"], [1, 1, 2]),
    "cifar-resnet/four_stages": lambda f: of_cifar(f, Three, [1, 2, 1, 2], [4, 4, 6, 8], [2, 5], ["layer2.1", "layer4.1"],
                                                   [1, 1, 1, 1]),
    "cifar-resnet/downsample": lambda f: of_cifar(f, Basic, [1, 2, 2], [6, 8, 12], [0, 2], ["layer1.0", "layer2.1"], [0, 1, 2],
                                                  names=("downsample", "fc")),
    "preact-resnet/shared": lambda f: of_cifar(f, PreAct, [2, 2, 1, 2], [6, 8, 8, 12], [0, 3], ["layer1.0", "layer2.1"],
                                               [1, 1, 1, 2], norm=False),
    "preact-resnet/before": lambda f: of_cifar(f, PreAct, [2, 2, 2], [6, 8, 12], [1, 5], ["layer1.1", "layer3.1"], [1, 2, 1],
                                               names=("downsample", "fc"), norm=False),
    "torchvision-convnext/plain": lambda f: of_convnext(f, [(8, 12, 2), (12, 16, 2), (16, None, 2)], [0, 4, 7],
                                                        ["features.1.0", "features.3.1", "features.5.1"], [1, 1, 1]),
    "timm-convnext/plain": lambda f: of_timm(f, [1, 3, 7], ["stages.0.blocks.1", "stages.1.blocks.0", "stages.2.blocks.1"],
                                             [1, 1, 1, 1], depths=(2, 2, 2, 1), dims=(8, 12, 16, 16)),
    "timm-convnext/convolutions": lambda f: of_timm(f, [0], ["stages.0.blocks.0"], [1, 1, 1, 1], depths=(2, 1, 1, 1),
                                                    dims=(8, 12, 16, 16), conv_mlp=True),
    "vgg/signals": lambda f: of_line(f, [6, 6, 6, "M", 8, 8, 8, "M", 8, 8, "M"], [0, 4, 6],
                                     [6, 6, "M", 8, 8, "M", 8, "M"], True, 3),
    "vgg/wide_signals": lambda f: of_line(f, [6, 6, "M", 8, 8, "M"], [0], [6, "M", 8, 8, "M"], False, 7, 4),
    "cifar-resnet/signals": of_line_resnet,
    "timm-convnext/configured": of_timm_convnext,
    "torchvision-resnet/timm_basic": lambda f: of_timm_resnet(f, "resnet18", (4, 6, 8, 8), 40),
    "torchvision-resnet/timm_wide": lambda f: of_timm_resnet(f, "wide_resnet50_2", (4, 4, 6, 8), 40),
    "torchvision-resnet/timm_grouped": lambda f: of_timm_resnet(f, "resnext50_32x4d", (4, 4, 8, 8), 40, cardinality=4,
                                                                base_width=32),
}


def main(where, wanted):
    where.mkdir(parents=True, exist_ok=True)
    if not wanted or "headers.json" in wanted:
        headers(where / "headers.json")
    for number, (name, make) in enumerate(VARIANTS.items()):
        if not wanted or any(name == w or name.startswith(w + "/") for w in wanted):
            torch.manual_seed(number)
            make(where / name)
            print(name)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
