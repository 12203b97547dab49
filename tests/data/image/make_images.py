"""Writes the pictures of this folder, with what Pillow makes of them as .npy files.

Needs Pillow and numpy. PICTURE.npy holds the decoded samples (height, width, 3) of PICTURE; the
resized_*.npy files hold rgb8.png resized by Pillow in float.
"""

import os
import struct
import zlib

import numpy as np
from PIL import Image, ImageOps

FOLDER = os.path.dirname(os.path.abspath(__file__))
HEIGHT, WIDTH = 12, 17


def path(name):
    return os.path.join(FOLDER, name)


def picture():
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    red = 255 * x // (WIDTH - 1)
    green = 255 * y // (HEIGHT - 1)
    blue = 127 + 120 * np.sin(x / 2.0) * np.cos(y / 3.0)
    return np.stack([red, green, blue], axis=2).astype(np.uint8)


def expect(name, samples):
    np.save(path(name.rsplit(".", 1)[0] + ".npy"), samples)


def png(name, samples, bits, color, interlaced=False, extra=b""):
    """Writes samples (height, width, channels) of `bits` each; color is PNG's colour type."""
    height, width = samples.shape[:2]

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    def rows(block):
        out = b""
        for row in block:
            if bits == 16:
                data = row.astype(">u2").tobytes()
            elif bits == 8:
                data = row.astype(np.uint8).tobytes()
            else:
                flags = np.unpackbits(row.astype(np.uint8).reshape(-1, 1), axis=1)[:, 8 - bits:]
                data = np.packbits(flags.reshape(-1)).tobytes()
            out += b"\0" + data
        return out

    data = b""
    if interlaced:
        for x0, y0, dx, dy in [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4),
                               (1, 0, 2, 2), (0, 1, 1, 2)]:
            block = samples[y0::dy, x0::dx]
            if block.size:
                data += rows(block)
    else:
        data = rows(samples)
    header = struct.pack(">IIBBBBB", width, height, bits, color, 0, 0, int(interlaced))
    with open(path(name), "wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + extra + chunk(b"IDAT", zlib.compress(data))
                   + chunk(b"IEND", b""))



def make_png():
    rgb = picture()
    grey = rgb[:, :, :1]
    png("rgb8.png", rgb, 8, 2)
    expect("rgb8.png", rgb)
    png("interlaced.png", rgb, 8, 2, interlaced=True)
    wide = rgb.astype(np.uint16) * 257 + (rgb[:, :, ::-1] // 2)
    wide = np.minimum(wide.astype(np.int64), 65535).astype(np.uint16)
    png("rgb16.png", wide, 16, 2)
    expect("rgb16.png", wide)
    png("grey16.png", wide[:, :, :1], 16, 0)
    png("grey8.png", grey, 8, 0)
    png("grey1.png", grey >> 7, 1, 0)
    png("grey_alpha.png", np.concatenate([grey, 255 - grey], axis=2), 8, 4)
    png("rgba.png", np.concatenate([rgb, rgb[:, :, :1]], axis=2), 8, 6)

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    colors = np.array([[0, 0, 0], [255, 0, 0], [0, 200, 0], [10, 20, 30]], np.uint8)
    index = (np.indices((HEIGHT, WIDTH)).sum(axis=0) % 4)[:, :, None]
    png("palette.png", index, 2, 3, extra=chunk(b"PLTE", colors.tobytes()) + chunk(b"tRNS", b"\0\x80"))
    expect("palette.png", colors[index[:, :, 0]])


def make_jpeg():
    rgb = Image.fromarray(picture())

    def save(name, image, **options):
        image.save(path(name), "JPEG", **options)
        decoded = ImageOps.exif_transpose(Image.open(path(name))).convert("RGB")
        expect(name, np.asarray(decoded))

    save("rgb.jpg", rgb, quality=90)
    save("progressive.jpg", rgb, quality=80, progressive=True, subsampling=0)
    save("grey.jpg", rgb.convert("L"), quality=90)
    save("cmyk.jpg", rgb.convert("CMYK"), quality=95)
    exif = Image.Exif()
    exif[0x010F] = "maker"
    exif[0x0112] = 6
    save("oriented.jpg", rgb, quality=90, exif=exif)


def make_resized():
    rgb = picture().astype(np.float32)
    for width, height in [(7, 5), (40, 23), (17, 30), (5, 12), (1, 1)]:
        channels = [Image.fromarray(rgb[:, :, c], "F").resize((width, height), Image.BILINEAR) for c in range(3)]
        np.save(path(f"resized_{height}x{width}.npy"), np.stack([np.asarray(c) for c in channels], axis=2))


def bmp(name, bits, compression, palette, pixels):
    """Writes a BMP with `pixels` as they stand in the file, and what Pillow decodes."""
    start = 14 + 40 + len(palette)
    header = struct.pack("<2sIHHI", b"BM", start + len(pixels), 0, 0, start)
    info = struct.pack("<IiiHHIIiiII", 40, WIDTH, HEIGHT, 1, bits, compression, len(pixels), 0, 0,
                       len(palette) // 4, 0)
    with open(path(name), "wb") as file:
        file.write(header + info + palette + pixels)
    expect(name, np.asarray(Image.open(path(name)).convert("RGB")))


def make_bmp():
    rgb = Image.fromarray(picture())
    rgb.save(path("rgb24.bmp"))
    rgb.convert("RGBA").save(path("rgb32.bmp"))
    rgb.convert("1").save(path("grey1.bmp"))
    expect("grey1.bmp", np.asarray(rgb.convert("1").convert("RGB")))
    colors = b"".join(bytes([blue, green, red, 0]) for red, green, blue in
                      [(0, 0, 0), (255, 0, 0), (0, 200, 0), (10, 20, 30)])
    # A row of a run and of indices as they are, padded to an even number of bytes; a row of one run.
    rows = b"\x08\x01" + b"\x00\x09" + bytes(range(3)) * 3 + b"\x00" + b"\x00\x00" + b"\x11\x02\x00\x00"
    bmp("rle8.bmp", 8, 1, colors, rows * (HEIGHT // 2) + b"\x00\x01")
    rows = b"\x08\x12" + b"\x00\x09" + b"\x01\x23\x01\x23\x20" + b"\x00" + b"\x00\x00" + b"\x11\x31\x00\x00"
    bmp("rle4.bmp", 4, 2, colors, rows * (HEIGHT // 2) + b"\x00\x01")
    index = np.indices((HEIGHT, WIDTH)).sum(axis=0) % 4
    four = b"".join(bytes((int(row[x]) << 4) + (int(row[x + 1]) if x + 1 < WIDTH else 0)
                          for x in range(0, WIDTH, 2)) + b"\0" * 3 for row in index)
    bmp("palette4.bmp", 4, 0, colors, four)
    fives = (picture() >> 3).astype(np.uint16)
    packed = np.pad(fives[:, :, 0] << 10 | fives[:, :, 1] << 5 | fives[:, :, 2], ((0, 0), (0, 1)))
    bmp("rgb555.bmp", 16, 0, b"", packed.astype("<u2").tobytes())


def make_others():
    rgb = Image.fromarray(picture())
    rgba = Image.fromarray(np.concatenate([picture(), picture()[:, :, :1]], axis=2), "RGBA")

    def save(name, image, **options):
        image.save(path(name), **options)
        expect(name, np.asarray(Image.open(path(name)).convert("RGB")))

    rgb.save(path("rgb.tif"), compression=None)
    rgb.save(path("lzw.tif"), compression="tiff_lzw")
    rgb.save(path("deflate.tif"), compression="tiff_adobe_deflate")
    rgba.save(path("rgba.tif"))
    save("indexed.tif", rgb.quantize(8))
    save("luma.tif", rgb.convert("L"))
    rgb.save(path("lossless.webp"), lossless=True)
    rgba.save(path("rgba.webp"), lossless=True, exact=True)
    save("lossy.webp", rgb, quality=80)
    rgb.save(path("lossless.jp2"), irreversible=False)
    rgb.save(path("lossless.j2k"), irreversible=False, no_jp2=True)
    save("luma.jp2", rgb.convert("L"), irreversible=False)
    wide = Image.fromarray(picture()[:, :, 0].astype(np.uint16) * 257)
    wide.save(path("grey16.jp2"), irreversible=False)


make_png()
make_jpeg()
make_bmp()
make_others()
make_resized()
