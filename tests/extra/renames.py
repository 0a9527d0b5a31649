"""Publishes a site whose names change in letter case or Unicode form alone, to targets that ignore one or both, and looks for every
file afterwards. Called by `publish`.

    renames.py BINARY FOLDER S3_PORT

The targets: WsgiDAV with a provider that keeps names as they were first written and finds them in any case and form, as the file
systems of macOS and Windows do; a folder in place on a file system that ignores case (ext4 with casefold where the kernel can,
else NTFS by ntfs-3g); S3 and git, which tell all names apart.
"""

import os
import pathlib
import shutil
import subprocess
import sys
import threading
import traceback
import unicodedata

import boto3
from cheroot import wsgi
from wsgidav.fs_dav_provider import FilesystemProvider
from wsgidav.wsgidav_app import WsgiDAVApp

BINARY, FOLDER, S3_PORT = sys.argv[1], pathlib.Path(sys.argv[2]), sys.argv[3]
failed = 0


def check(name, is_right, shown=""):
    global failed
    print(("ok   " if is_right else "FAIL ") + "publish: " + name, flush=True)
    if not is_right:
        failed += 1
        for line in str(shown).splitlines()[:30]:
            print("     " + line, flush=True)


def folded(name):
    return unicodedata.normalize("NFD", name).casefold()


class ForgivingProvider(FilesystemProvider):
    """Finds a name in any letter case and Unicode form; the first spelling is the one that is kept."""

    def _loc_to_file_path(self, path, environ=None):
        place = self.root_folder_path
        for name in path.strip("/").split("/"):
            if name in ("", "."):
                continue
            known = os.listdir(place) if os.path.isdir(place) else []
            place = os.path.join(place, next((there for there in known if folded(there) == folded(name)), name))
        return place


def serve_webdav(root):
    root.mkdir(parents=True)
    app = WsgiDAVApp({
        "provider_mapping": {"/": ForgivingProvider(str(root))},
        "simple_dc": {"user_mapping": {"*": True}},
        "verbose": 0,
        "logging": {"enable": False},
    })
    server = wsgi.Server(("127.0.0.1", 0), app)
    server.prepare()
    threading.Thread(target=server.serve, daemon=True).start()
    return server.bind_addr[1]


def mount(image, point):
    """A file system that ignores letter case, and its name; none if there is neither."""
    point.mkdir(parents=True)
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}

    def run(*command):
        try:
            return subprocess.run(command, **quiet).returncode == 0
        except FileNotFoundError:
            return False

    with open(image, "wb") as file:
        file.truncate(64 << 20)
    if run("mkfs.ext4", "-q", "-F", "-O", "casefold", image) and run("mount", "-o", "loop", image, point):
        (point / "web").mkdir()
        if run("chattr", "+F", point / "web"):
            return "ext4 with casefold"
        run("umount", point)
    if run("mkntfs", "-q", "-F", image) and run("lowntfs-3g", "-o", "ignore_case", image, point):
        (point / "web").mkdir()
        return "NTFS by ntfs-3g"
    return None


def git(*arguments):
    subprocess.run(["git", *arguments], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def settings(dav_port, mounted, remote):
    return f"""base_url = "https://example.com"
title = "Renames"
[publish.dav]
kind = "webdav"
to = "http://127.0.0.1:{dav_port}/"
wait = 0
[publish.disk]
kind = "directory"
mode = "in-place"
to = "{mounted}"
wait = 0
[publish.s3]
kind = "s3"
bucket = "blog"
prefix = "renames"
endpoint = "http://127.0.0.1:{S3_PORT}"
path_style = true
wait = 0
[publish.git]
kind = "git"
to = "{remote}"
branch = "pages"
wait = 0
[network]
allow = ["127.0.0.1:*", "example.com"]
"""


def write(site, path, text):
    file = site / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


def first_site(site):
    write(site, "static/Photo.png", "photo")
    write(site, "static/Files/Notes.TXT", "notes")
    write(site, "static/" + unicodedata.normalize("NFD", "é") + ".txt", "accent")
    write(site, "static/stays.txt", "stays")
    write(site, "content/hello.md", '+++\ntitle = "Hello"\nslug = "Hello"\ndate = 2026-11-20\n+++\nWords.\n')


def renamed_site(site):
    for path in ("static/Photo.png", "static/Files/Notes.TXT", "static/" + unicodedata.normalize("NFD", "é") + ".txt"):
        (site / path).unlink()
    write(site, "static/photo.png", "photo")
    write(site, "static/files/notes.txt", "other notes")
    write(site, "static/" + unicodedata.normalize("NFC", "é") + ".txt", "accent")
    write(site, "content/hello.md", '+++\ntitle = "Hello"\nslug = "hello"\ndate = 2026-11-20\n+++\nWords.\n')


def outputs(site):
    public = site / "public"
    return {
        str(file.relative_to(public)): file.read_bytes()
        for file in public.rglob("*")
        if file.is_file() and file.name not in (".backmatter-output", ".nojekyll", "_redirects")
    }


def missing(wanted, read):
    return [path for path, content in wanted.items() if read(path) != content]


def read_folder(root):
    forgiving = ForgivingProvider(str(root))

    def read(path):
        file = pathlib.Path(forgiving._loc_to_file_path(path))
        return file.read_bytes() if file.is_file() else None

    return read


def read_s3(path):
    client = boto3.client("s3", endpoint_url=f"http://127.0.0.1:{S3_PORT}", region_name="us-east-1")
    try:
        return client.get_object(Bucket="blog", Key=f"renames/{path}")["Body"].read()
    except client.exceptions.NoSuchKey:
        return None


def main():
    shutil.rmtree(FOLDER, ignore_errors=True)
    site = FOLDER / "site"
    first_site(site)
    dav_port = serve_webdav(FOLDER / "dav")
    remote = FOLDER / "remote.git"
    git("init", "--bare", "--initial-branch", "pages", str(remote))
    point = FOLDER / "mounted"
    kind = mount(FOLDER / "disk.img", point)
    if not kind:
        # Neither is there on a machine that may not mount anything.
        print("     no file system that ignores case can be mounted here", flush=True)
    (site / "backmatter.toml").write_text(settings(dav_port, point / "web", remote))

    def publish(target):
        command = [BINARY, "--root", str(site), "publish", target, "--yes", "--no-send"]
        return subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL)

    def read_git(path):
        done = subprocess.run(["git", "-C", str(remote), "show", f"pages:{path}"], capture_output=True)
        return done.stdout if done.returncode == 0 else None

    targets = {"dav": read_folder(FOLDER / "dav"), "s3": read_s3, "git": read_git}
    if kind:
        targets["disk"] = lambda path: (point / "web" / path).read_bytes() if (point / "web" / path).is_file() else None
    names = {"dav": "WebDAV that ignores case and form", "disk": f"a folder on {kind}", "s3": "S3", "git": "git"}
    try:
        for target, read in targets.items():
            shutil.rmtree(site / "static", ignore_errors=True)
            first_site(site)
            first = publish(target)
            lost = missing(outputs(site), read)
            check(f"{names[target]}: everything is there", first.returncode == 0 and not lost, f"{lost}\n{first.stdout}{first.stderr}")
            renamed_site(site)
            second = publish(target)
            lost = missing(outputs(site), read)
            check(f"{names[target]}: names that change in case or form alone lose nothing", second.returncode == 0 and not lost, f"{lost}\n{second.stdout}{second.stderr}")
            third = publish(target)
            check(f"{names[target]}: then there is nothing to do", "nothing to publish" in third.stdout, third.stdout + third.stderr)
            if target in ("s3", "git"):
                check(f"{names[target]}: the old names are gone", read("Photo.png") is None and read("2026/11/20/Hello/index.html") is None)
        write(site, "static/A.png", "A")
        write(site, "static/a.png", "a")
        both = publish("dav")
        check("two names that differ in case alone are warned of", "A.png" in both.stderr and "a.png" in both.stderr, both.stdout + both.stderr)
    finally:
        if kind:
            subprocess.run(["umount", str(point)])


try:
    main()
except Exception:
    traceback.print_exc()
    failed += 1
finally:
    # The workers of the WebDAV server end with the process alone.
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(1 if failed else 0)
