# SPDX-License-Identifier: GPL-2.0-or-later
"""Chromium, driven by WebDriver (W3C) over HTTP: as much of it as the test of the page needs."""
import atexit
import base64
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.request

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
ARGUMENTS = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--window-size=1280,1600",
             "--no-proxy-server", "--disable-background-networking", "--disable-component-update", "--no-first-run"]
PORT = 9515
BASE = "http://127.0.0.1:%d" % PORT


class Unusable(Exception):
    """Chromium cannot run here, and why."""


class Browser:
    """One that ends with this process; keep() lets it go on for others, which take it up by kept()."""

    def __init__(self):
        if not shutil.which("chromium") or not shutil.which("chromedriver"):
            raise Unusable("the packages chromium and chromium-driver are not installed")
        self.home = tempfile.mkdtemp()
        # its own home, so that nothing of the user's is read or written
        environment = dict(os.environ, HOME=self.home, XDG_CONFIG_HOME=self.home, XDG_CACHE_HOME=self.home)
        self.driver = subprocess.Popen(["chromedriver", "--port=%d" % PORT], env=environment, stdin=subprocess.DEVNULL,
                                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True).pid
        self.session = None
        atexit.register(self.close)
        self.wait_for("chromedriver", self.ready, 30)
        options = {"args": ARGUMENTS, "binary": shutil.which("chromium")}
        try:
            made = self.ask("POST", "/session", {"capabilities": {"alwaysMatch": {
                "browserName": "chrome", "goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL"}}}})
        except RuntimeError as e:
            raise Unusable("chromium does not start: %s" % str(e).split("\n", maxsplit=1)[0]) from e
        self.session = "/session/" + made["sessionId"]

    @classmethod
    def kept(cls, path):
        """The one that keep(path) was said of."""
        self = cls.__new__(cls)
        with open(path, encoding="utf-8") as f:
            self.home, self.driver, self.session = json.load(f)
        return self

    def keep(self, path):
        with open(path, "w", encoding="utf-8") as f:
            json.dump([self.home, self.driver, self.session], f)
        atexit.unregister(self.close)

    def ready(self):
        try:
            return self.ask("GET", "/status")["ready"]
        except OSError:
            return False

    def close(self):
        if self.session:
            try:
                self.ask("DELETE", self.session)
            except (OSError, RuntimeError):
                pass
            self.session = None
        if self.driver:
            try:
                os.kill(self.driver, signal.SIGTERM)
                os.waitpid(self.driver, 0)
            except (ChildProcessError, ProcessLookupError):
                pass  # another process has started it, or it has ended
        self.driver = None
        shutil.rmtree(self.home, ignore_errors=True)

    def ask(self, method, path, body=None):
        request = urllib.request.Request(BASE + path, method=method, headers={"Content-Type": "application/json"},
                                         data=None if body is None else json.dumps(body).encode())
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=90) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as e:
            raise RuntimeError(json.load(e)["value"]["message"]) from e

    def command(self, path, body=None, method="POST"):
        return self.ask(method, self.session + path, {} if body is None and method == "POST" else body)

    @staticmethod
    def wait_for(what, ready, seconds=30):
        """What ready() gives, when it gives something."""
        end = time.monotonic() + seconds
        while True:
            value = ready()
            if value:
                return value
            if time.monotonic() > end:
                raise AssertionError("never: " + what)
            time.sleep(0.1)

    def open(self, url):
        self.command("/url", {"url": url})

    def run(self, script, *arguments):
        return self.command("/execute/sync", {"script": script, "args": list(arguments)})

    def element(self, xpath):
        return "/element/" + self.command("/element", {"using": "xpath", "value": xpath})[ELEMENT]

    def shown(self, xpath):
        """Is there one, and can it be seen?"""
        return self.run("const n = document.evaluate(arguments[0], document, null, 9, null).singleNodeValue;"
                        "return !!n && n.checkVisibility();", xpath)

    def click(self, xpath):
        # the page may replace a row just now: then the row is another one, and is clicked instead
        def clicked():
            try:
                self.command(self.element(xpath) + "/click")
                return True
            except RuntimeError as e:
                if "stale element" not in str(e) and "no such element" not in str(e):
                    raise
                return False

        self.wait_for("a click on " + xpath, clicked)

    def type(self, xpath, text):
        self.command(self.element(xpath) + "/value", {"text": text})

    def text(self):
        return self.run("return document.body.innerText;")

    def accept(self):
        self.command("/alert/accept")

    def picture(self, path):
        with open(path, "wb") as f:
            f.write(base64.b64decode(self.command("/screenshot", method="GET")))

    def complaints(self):
        """What the console has of level SEVERE."""
        return [e["message"] for e in self.command("/se/log", {"type": "browser"}) if e["level"] == "SEVERE"]
