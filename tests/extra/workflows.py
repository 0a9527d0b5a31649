"""Holds the files of `publish --init` against the schemas of their services, and does what the one for GitHub Pages says in
a clone of a repository, as GitHub does: each step by `bash -e`, in a clone of its own for each run.

    workflows.py BINARY FOLDER
"""

import datetime
import os
import pathlib
import re
import shutil
import subprocess
import sys

import yaml

SCHEMAS = {
    "github-pages": "vendor.github-workflows",
    "gitlab-pages": "vendor.gitlab-ci",
    "codeberg": "vendor.woodpecker-ci",
    "netlify": "vendor.github-workflows",
    "cloudflare": "vendor.github-workflows",
    "neocities": "vendor.github-workflows",
    "s3": "vendor.github-workflows",
    "webdav": "vendor.github-workflows",
}

SETTINGS = """
[publish.pages]
kind = "git"
to = "origin"
branch = "gh-pages"
host = "github-pages"
wait = 0
"""

faults = 0


def check(what, is_so, more=""):
    global faults
    print(f"{'ok  ' if is_so else 'FAIL'} workflow: {what}")
    if not is_so:
        faults += 1
        print(more)


def run(*command, folder, more=None):
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": "/dev/null", **(more or {})}
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, env=environment, stdin=subprocess.DEVNULL)


def git(*arguments, folder):
    done = run("git", "-c", "user.name=A", "-c", "user.email=a@example.org", *arguments, folder=folder)
    if done.returncode != 0:
        sys.exit(f"git {arguments}: {done.stderr}")
    return done.stdout


def fits_its_schema(binary, work):
    for receiver in ["", "[linkbacks]\nreceiver = 'https://hears.blog.org'\n"]:
        for service, schema in SCHEMAS.items():
            site = work / f"schema-{service}-{bool(receiver)}"
            site.mkdir()
            (site / "backmatter.toml").write_text(f"base_url = 'https://blog.org'\n{receiver}")
            done = run(binary, "publish", "--init", service, "--from", "https://forge.org/b.git", folder=site)
            file = site / done.stdout.split("\n", 1)[0]
            command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, str(file)]
            held = run(*command, folder=site)
            check(f"the file for {service} is one of its service", held.returncode == 0, held.stdout + held.stderr)


def job(binary, work, origin, later="+0"):
    """One run of the job in a clone of its own, so much later than now. Returns what it said, or nothing if a step failed."""
    clone = work / "clone"
    shutil.rmtree(clone, ignore_errors=True)
    git("clone", "--quiet", "--branch", "main", str(origin), str(clone), folder=work)
    steps = yaml.safe_load((clone / ".github/workflows/publish.yml").read_text())["jobs"]["publish"]["steps"]
    said = ""
    path = f"{pathlib.Path(binary).parent}:{os.environ['PATH']}"
    for step in steps:
        if "run" in step:
            done = run("faketime", "-f", later, "bash", "-e", "-c", step["run"], folder=clone, more={"PATH": path, "HOME": str(work)})
            said += done.stdout + done.stderr
            if done.returncode != 0:
                return None, f"{step['name']}: {said}"
    return said, said


def runs(binary, work):
    origin, site = work / "origin.git", work / "site"
    git("init", "--quiet", "--bare", "--initial-branch", "main", str(origin), folder=work)
    run(binary, "init", str(site), folder=work)
    settings = site / "backmatter.toml"
    at_invalid = re.sub("^base_url = .*$", 'base_url = "https://blog.invalid"', settings.read_text(), count=1, flags=re.M)
    settings.write_text(at_invalid + SETTINGS)
    settings.write_text(settings.read_text() + "\n[network]\nallow = ['blog.invalid']\n")
    run(binary, "publish", "--init", "github-pages", "--from", "https://forge.org/b.git", folder=site)
    due = datetime.date.today() + datetime.timedelta(days=2)
    (site / "content/later.md").write_text(f"+++\ntitle = 'Later'\ndate = {due}\n+++\nNow.\n")
    git("init", "--quiet", "--initial-branch", "main", folder=site)
    git("add", ".", folder=site)
    git("commit", "--quiet", "--message", "A blog", folder=site)
    git("push", "--quiet", str(origin), "main", folder=site)

    def published():
        return git("ls-tree", "-r", "--name-only", "gh-pages", folder=origin)

    said, all_of_it = job(binary, work, origin)
    check("the first run publishes", said is not None and "index.html" in published(), all_of_it)
    check("a post of the future stays", "later/index.html" not in published())
    said, all_of_it = job(binary, work, origin, "+3d")
    check("the run after its date publishes it", said is not None and "later/index.html" in published(), all_of_it)
    commits = git("rev-list", "--count", "gh-pages", folder=origin)
    said, all_of_it = job(binary, work, origin, "+3d")
    is_same = said is not None and git("rev-list", "--count", "gh-pages", folder=origin) == commits
    check("a run with nothing new publishes nothing", is_same, all_of_it)


def main():
    binary, work = os.path.abspath(sys.argv[1]), pathlib.Path(sys.argv[2]).resolve()
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    fits_its_schema(binary, work)
    runs(binary, work)
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
