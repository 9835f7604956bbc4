"""Makes the small images of this folder, and expected.txt: what Pillow reads in them.

Each line: file, size asked for (0: as it is), width, height, SHA-256 of the red, green and blue planes.
Run here with Pillow 11 or later: python make_images.py
"""
import hashlib

import numpy as np
from PIL import Image

WIDTH, HEIGHT = 21, 14
y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
pixels = np.stack([x * 12, y * 18, (x * y * 5 + 40) % 256], axis=2).astype(np.uint8)
rgb = Image.fromarray(pixels)
alpha = Image.fromarray(np.dstack([pixels, (x * 10).astype(np.uint8)]))

rgb.save("halved.jpg", quality=75)
rgb.save("full.jpg", quality=75, subsampling=0)
rgb.save("progressive.jpg", quality=75, progressive=True)
rgb.convert("L").save("grey.jpg")
rgb.convert("CMYK").save("cmyk.jpg")
rgb.convert("L").save("grey.png")
rgb.convert("1").save("bits.png")
rgb.save("rgb.png")
alpha.save("alpha.png")
rgb.convert("LA").save("grey_alpha.png")
rgb.quantize(16).save("palette.png")
rgb.quantize(16).save("palette.gif")
rgb.save("rgb.bmp")
jpeg = open("full.jpg", "rb").read()
assert jpeg[2:4] == b"\xff\xe0"
with open("no_jfif.jpg", "wb") as out:  # the same without its first marker, which names the colour space
    out.write(jpeg[:2] + jpeg[4 + int.from_bytes(jpeg[4:6], "big"):])
with open("cut.jpg", "wb") as out:
    out.write(jpeg[: len(jpeg) * 3 // 4])


def squared(image, size):
    """torchvision's Resize(size) and CenterCrop(size) on a Pillow image."""
    width, height = image.size
    shorter = min(width, height)
    image = image.resize((size * width // shorter, size * height // shorter), Image.BILINEAR)
    left, top = round((image.width - size) / 2), round((image.height - size) / 2)
    return image.crop((left, top, left + size, top + size))


with open("expected.txt", "w") as out:
    readable = ["halved.jpg", "full.jpg", "progressive.jpg", "no_jfif.jpg", "grey.jpg", "grey.png", "bits.png", "rgb.png",
                "alpha.png", "grey_alpha.png", "palette.png", "palette.gif", "rgb.bmp"]
    for name, size in [(name, 0) for name in readable] + [("rgb.png", 5), ("rgb.png", 14), ("rgb.png", 37)]:
        image = Image.open(name).convert("RGB")
        image = squared(image, size) if size else image
        planes = np.asarray(image).transpose(2, 0, 1).tobytes()
        print(name, size, *image.size, hashlib.sha256(planes).hexdigest(), file=out)
