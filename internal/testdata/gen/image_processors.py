"""Writes models/preprocess/testdata/images: small PNGs and JPEGs, and cases.json with what transformers' image processors
(Pillow backend) make of them under many configs, in pixel_values.safetensors. Made
with transformers 5.23.0, Pillow 13.0.0 and numpy 2.4.6; run it as `python image_processors.py` here.
"""
import json, pathlib, shutil, struct, zlib

import numpy as np, torch
from PIL import Image
from safetensors.torch import save_file
from transformers.models.bit.image_processing_pil_bit import BitImageProcessorPil
from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil
from transformers.models.convnext.image_processing_pil_convnext import ConvNextImageProcessorPil
from transformers.models.vit.image_processing_pil_vit import ViTImageProcessorPil

OUT = pathlib.Path("../../../models/preprocess/testdata/images")
KINDS = {"CLIP": CLIPImageProcessorPil, "Bit": BitImageProcessorPil, "ViT": ViTImageProcessorPil, "ConvNext": ConvNextImageProcessorPil}
shutil.rmtree(OUT, ignore_errors=True)
OUT.mkdir(parents=True)
rng = np.random.default_rng(3)


def picture(height, width, channels):
    """Waves, an edge and noise: what filters overshoot at and what aliasing shows in."""
    y, x = np.mgrid[0:height, 0:width]
    waves = [127 + 100 * np.sin(x / (2 + c) + y / (5 - c)) for c in range(channels)]
    a = np.stack(waves, -1) + rng.normal(0, 12, (height, width, channels))
    a[:, width // 2:] = 255 - a[:, width // 2:]
    a[height // 3, :] = 255
    a[:, width // 5] = 0
    return np.clip(a, 0, 255).astype(np.uint8)


save = lambda name, array, **more: Image.fromarray(array).save(OUT / name, **more)
save("wide.png", picture(17, 40, 3))
save("tall.png", picture(37, 12, 3))
save("small.png", picture(5, 7, 3))
save("grey.png", picture(20, 21, 1)[..., 0])
rgba = picture(19, 16, 4)
rgba[:4, :, 3], rgba[4:8, :, 3] = 255, 0
save("rgba.png", rgba)
greyalpha = picture(13, 11, 2)
Image.fromarray(greyalpha, "LA").save(OUT / "greyalpha.png")
Image.fromarray(picture(16, 18, 3)).quantize(17).save(OUT / "palette.png")
Image.fromarray(picture(16, 18, 3)).quantize(9).save(OUT / "clearpalette.png", transparency=3)
Image.fromarray(picture(14, 15, 1)[..., 0] > 127).save(OUT / "bits.png")
save("full.jpg", np.asarray(Image.fromarray(picture(24, 31, 3))), quality=95, subsampling=0)
save("grey.jpg", picture(18, 16, 1)[..., 0], quality=90)


def write_png(name, array, kind, *chunks):
    """A PNG that Pillow reads but does not write: of 16 bits, or with a colour that is clear."""
    height, width, bits = array.shape[0], array.shape[1], array.itemsize * 8
    rows = b"".join(b"\0" + row.tobytes() for row in array.astype(array.dtype.newbyteorder(">")))
    body = [(b"IHDR", struct.pack(">IIBBBBB", width, height, bits, kind, 0, 0, 0)), *chunks, (b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    chunk = lambda n, d: struct.pack(">I", len(d)) + n + d + struct.pack(">I", zlib.crc32(n + d))
    (OUT / name).write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(chunk(n, d) for n, d in body))


write_png("rgb16.png", rng.integers(0, 1 << 16, (11, 12, 3)).astype(np.uint16), 2)
write_png("rgba16.png", rng.integers(0, 1 << 16, (12, 10, 4)).astype(np.uint16), 6)
clear = picture(10, 13, 3)
clear[2:5] = (9, 99, 199)
write_png("clearcolour.png", clear, 2, (b"tRNS", struct.pack(">HHH", 9, 99, 199)))

CASES = []


def case(kind, images, **config):
    CASES.append({"config": {"image_processor_type": kind + "ImageProcessor", **config}, "images": images})


ALL = [p.name for p in sorted(OUT.iterdir())]
small = dict(size={"shortest_edge": 9}, crop_size={"height": 8, "width": 7})
for name in ALL:
    case("CLIP", [name], **small)
for code in range(6):
    for name in ["wide.png", "tall.png", "small.png"]:
        case("CLIP", [name], resample=code, size={"height": 11, "width": 13}, do_center_crop=False)
case("CLIP", ["wide.png"], resample=1, size={"height": 17, "width": 21}, do_center_crop=False)  # one axis alone
case("CLIP", ["wide.png"], resample=3, size={"height": 23, "width": 40}, do_center_crop=False)
case("CLIP", ["wide.png", "tall.png", "rgba.png", "grey.png"], **small)
case("CLIP", ["small.png"], do_resize=False, crop_size={"height": 9, "width": 4})
case("CLIP", ["small.png", "wide.png"], do_resize=False, crop_size=12)
case("CLIP", ["tall.png"], size=10, crop_size=[6, 10])
case("CLIP", ["tall.png"], size=[10, 6], do_center_crop=False, do_normalize=False)
case("CLIP", ["grey.png"], size={"height": 6, "width": 5}, do_center_crop=False, do_rescale=False, image_mean=0.25, image_std=[0.5, 2, 4])
case("CLIP", ["full.jpg"], size={"height": 6, "width": 5}, do_center_crop=False, do_rescale=False, do_normalize=False)
case("CLIP", ["wide.png"], size={"height": 6, "width": 5}, do_center_crop=False, rescale_factor=0.01)
case("ViT", ["wide.png", "tall.png", "full.jpg"], size={"height": 8, "width": 10})
case("ViT", ["tall.png"], size=9)
case("ViT", ["tall.png"], size=9, default_to_square=False)
case("ViT", ["grey.png"], size=7, do_convert_rgb=True, image_mean=[0.485, 0.456, 0.406], image_std=[0.229, 0.224, 0.225])
case("ViT", ["grey.png"], size=7, image_mean=[0.5], image_std=[0.25])
case("ViT", ["grey.png", "grey.jpg"], size=7, do_normalize=False)
case("ConvNext", ["wide.png", "tall.png", "small.png"], size={"shortest_edge": 10})
case("ConvNext", ["wide.png", "tall.png"], size=10, crop_pct=0.95, resample=2)
case("ConvNext", ["small.png"], size=384, resample=0)
case("Bit", ["wide.png", "tall.png"], **small)

tensors = {}
for i, c in enumerate(CASES):
    config = {k: v for k, v in c["config"].items() if k != "image_processor_type"}
    kind = c["config"]["image_processor_type"].removesuffix("ImageProcessor")
    images = [Image.open(OUT / n) for n in c["images"]]
    values = KINDS[kind](**config)(images, return_tensors="pt")["pixel_values"].float()
    if values.numel() > 4000:  # the large one: every 31st pixel
        c["stride"] = 31
        values = values[..., ::31, ::31]
    tensors[str(i)] = values.contiguous()
(OUT / "cases.json").write_text(json.dumps(CASES, indent=1) + "\n")
save_file(tensors, OUT / "pixel_values.safetensors")
