"""Makes the WebP pictures of this folder, and beside each lossy one what Pillow reads in it, as PNG.

Run here with Pillow 11 or later (made with 13.0): python make_webp.py
"""
import numpy as np
from PIL import Image, ImageDraw

WIDTH, HEIGHT = 77, 50  # odd, so that halved colours have half a pixel at the end
y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
drawn = Image.fromarray(np.stack([x * 3, y * 5, (x * y + 40) % 256], axis=2).astype(np.uint8))
pen = ImageDraw.Draw(drawn)
pen.ellipse((8, 6, 40, 38), fill=(250, 20, 30))
pen.rectangle((44, 12, 70, 44), fill=(10, 40, 240))
pen.line((0, 49, 76, 0), fill=(255, 255, 255), width=3)
alpha = drawn.copy()
alpha.putalpha(Image.fromarray(((x * 4) % 256).astype(np.uint8)))
few = drawn.quantize(12).convert("RGB")
grey = drawn.convert("L").convert("RGB")

drawn.save("lossless.webp", lossless=True)
alpha.save("lossless_alpha.webp", lossless=True, exact=True)
few.save("lossless_few.webp", lossless=True)  # colours in a table
grey.save("lossless_grey.webp", lossless=True)
drawn.save("lossy.webp", quality=80)
drawn.save("lossy_low.webp", quality=20)
alpha.save("lossy_alpha.webp", quality=80)
for name in ("lossless", "lossless_alpha", "lossless_few", "lossless_grey", "lossy", "lossy_low", "lossy_alpha"):
    Image.open(f"{name}.webp").convert("RGB").save(f"{name}_webp.png")
drawn.save("profile.webp", lossless=True, icc_profile=Image.open("profile.png").info["icc_profile"])
drawn.save("moving.webp", save_all=True, append_images=[few], lossless=True)
