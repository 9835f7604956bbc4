"""Makes the small images of this folder, and expected.txt: what Pillow reads in them.

Each line: file, size asked for (0: as it is), width, height, SHA-256 of the red, green and blue planes.
Run here with Pillow 11 or later (made with 12.3; 13.0 gives the same): python make_images.py
"""
import hashlib
import io
import struct
import zlib

import numpy as np
from PIL import Image

WIDTH, HEIGHT = 21, 14
y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
pixels = np.stack([x * 12, y * 18, (x * y * 5 + 40) % 256], axis=2).astype(np.uint8)
rgb = Image.fromarray(pixels)
alpha = Image.fromarray(np.dstack([pixels, (x * 10).astype(np.uint8)]))


def profile():
    """A colour profile (ICC.1, version 2) that swaps red and blue and has a gamma of 1: applied, it changes every colour."""
    def number(value):
        return struct.pack(">i", round(value * 65536))

    def xyz(*values):
        return b"XYZ \0\0\0\0" + b"".join(map(number, values))

    def text(kind, value):
        return kind + b"\0\0\0\0" + value

    curve = b"curv\0\0\0\0" + struct.pack(">I", 0)
    tags = {b"desc": text(b"desc", struct.pack(">I", 5) + b"swap\0" + b"\0" * 78), b"cprt": text(b"text", b"none\0"),
            b"wtpt": xyz(0.9642, 1, 0.8249), b"rXYZ": xyz(0.1431, 0.0606, 0.7141), b"gXYZ": xyz(0.3851, 0.7169, 0.0971),
            b"bXYZ": xyz(0.4360, 0.2225, 0.0139), b"rTRC": curve, b"gTRC": curve, b"bTRC": curve}
    table, data = struct.pack(">I", len(tags)), b""
    for name, tag in tags.items():
        table += name + struct.pack(">II", 128 + 4 + 12 * len(tags) + len(data), len(tag))
        data += tag + b"\0" * (-len(tag) % 4)
    body = table + data
    head = struct.pack(">I4sI4s4s4s12s4s", 128 + len(body), b"none", 0x02100000, b"mntr", b"RGB ", b"XYZ ",
                       struct.pack(">6H", 2024, 1, 1, 0, 0, 0), b"acsp")
    return (head + b"\0" * 28 + number(0.9642) + number(1) + number(0.8249)).ljust(128, b"\0") + body


def jpeg(image, **options):
    out = io.BytesIO()
    image.save(out, "JPEG", quality=75, **options)
    return out.getvalue()


def segments(file):
    """The markers before the first scan with their contents, and the rest."""
    at, found = 2, []
    while file[at + 1] != 0xDA:
        length = int.from_bytes(file[at + 2:at + 4], "big")
        found.append((file[at + 1], file[at + 4:at + 2 + length]))
        at += 2 + length
    return found, file[at:]


def marked(file, *markers):
    """The same image with these markers of applications in place of its own; (APP14, n) is Adobe's with transform n."""
    found, rest = segments(file)
    kept = list(markers) + [s for s in found if not 0xE0 <= s[0] <= 0xEF]
    return b"\xff\xd8" + b"".join(bytes([0xFF, m]) + struct.pack(">H", len(d) + 2) + d for m, d in kept) + rest


def adobe(transform):
    return 0xEE, b"Adobe" + struct.pack(">HHHB", 100, 0, 0, transform)


def named(file, ids):
    """The same image with other component numbers."""
    found, rest = segments(file)
    at = file.index(b"\xff\xc0") + 10
    changed = bytearray(file)
    for i, number in enumerate(ids):
        changed[at + 3 * i] = number
        changed[len(file) - len(rest) + 5 + 2 * i] = number
    return bytes(changed)


def upright(width, height):
    """A JPEG of this size whose colours are halved from top to bottom only: the blocks of one halved from side to side."""
    ys, xs = np.mgrid[0:width, 0:height]
    lying = Image.fromarray(np.stack([xs * 7, ys * 11, (xs * ys * 5 + 40) % 256], axis=2).astype(np.uint8))
    file = bytearray(jpeg(lying, subsampling=1))
    at = file.index(b"\xff\xc0")
    struct.pack_into(">HH", file, at + 5, height, width)
    file[at + 11] = 0x12
    return bytes(file)


def chunk(name, data):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png(name, depth, colours, samples, *chunks):
    """A PNG of these bytes, row by row, with further chunks before its pixels."""
    header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, depth, colours, 0, 0, 0)
    rows = b"".join(b"\0" + row.tobytes() for row in samples)
    with open(name, "wb") as out:
        out.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + b"".join(chunks)
                  + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


def write(name, data):
    with open(name, "wb") as out:
        out.write(data)


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
write("no_jfif.jpg", marked(jpeg(rgb, subsampling=0)))
write("cut.jpg", jpeg(rgb, subsampling=0)[:624])

# colours that a profile, a marker or a number names, and what turns a picture
icc = profile()
write("profile.jpg", jpeg(rgb, icc_profile=icc))
write("profile_grey.jpg", jpeg(rgb.convert("L"), icc_profile=icc))
write("profile_rgb.jpg", jpeg(rgb, keep_rgb=True, icc_profile=icc))
write("profile_cmyk.jpg", jpeg(rgb.convert("CMYK"), icc_profile=icc))
write("adobe_unknown.jpg", marked(jpeg(rgb, subsampling=0), adobe(7)))
write("adobe_and_jfif.jpg", marked(jpeg(rgb), (0xE0, b"JFIF\0\1\1\0\0\1\0\1\0\0"), adobe(0)))
write("numbered.jpg", named(marked(jpeg(rgb, subsampling=0)), (0, 1, 2)))
write("ycck.jpg", marked(jpeg(rgb.convert("CMYK")), adobe(2)))
write("cmyk_bare.jpg", marked(jpeg(rgb.convert("CMYK"))))
write("upright.jpg", upright(13, 29))
turned = Image.Exif()
turned[0x0112] = 6  # orientation: to be turned by a quarter
rgb.save("turned.jpg", quality=75, exif=turned)
rgb.save("turned.png", exif=turned)
rgb.save("profile.png", icc_profile=icc)
gamma = chunk(b"gAMA", struct.pack(">I", 22222)), chunk(b"cHRM", struct.pack(">8I", *[31270, 32900, 15000, 6000, 26500, 69000, 68000, 32000]))
png("gamma.png", 8, 2, pixels, *gamma)
png("gamma_grey.png", 8, 0, pixels[:, :, 2], *gamma)
png("key.png", 8, 2, pixels, chunk(b"tRNS", struct.pack(">HHH", *pixels[3, 4])))
png("grey_key.png", 8, 0, pixels[:, :, 2], chunk(b"tRNS", struct.pack(">H", 40)))
palette = chunk(b"PLTE", bytes(range(0, 144, 3)))
png("palette_alpha.png", 4, 3, pixels[:, : (WIDTH + 1) // 2, 2], palette, chunk(b"tRNS", bytes(range(0, 240, 15))))
png("two_bits.png", 2, 0, pixels[:, : (WIDTH + 3) // 4, 2])
deep = (pixels.astype(">u2") * 251 + 77).astype(">u2")
png("deep.png", 16, 2, deep)
png("deep_grey_alpha.png", 16, 4, deep[:, :, :2])
png("deep_grey.png", 16, 0, deep[:, :, 2])
png("deep_grey_key.png", 16, 0, deep[:, :, 2], chunk(b"tRNS", struct.pack(">H", 40)))
gif = bytearray(open("palette.gif", "rb").read())
struct.pack_into("<HH", gif, 6, WIDTH + 5, HEIGHT + 4)
write("canvas.gif", gif)


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
    readable += ["cmyk.jpg", "profile.jpg", "profile_grey.jpg", "profile_rgb.jpg", "profile_cmyk.jpg", "adobe_unknown.jpg",
                 "adobe_and_jfif.jpg", "numbered.jpg", "ycck.jpg", "cmyk_bare.jpg", "upright.jpg", "turned.jpg", "turned.png",
                 "profile.png", "gamma.png", "gamma_grey.png", "key.png", "grey_key.png", "palette_alpha.png", "two_bits.png",
                 "deep.png", "deep_grey_alpha.png"]
    for name, size in [(name, 0) for name in readable] + [("rgb.png", 5), ("rgb.png", 14), ("rgb.png", 37)]:
        image = Image.open(name).convert("RGB")
        image = squared(image, size) if size else image
        planes = np.asarray(image).transpose(2, 0, 1).tobytes()
        print(name, size, *image.size, hashlib.sha256(planes).hexdigest(), file=out)
