# SPDX-License-Identifier: GPL-2.0-or-later
"""What a person does with the web page of ims-hss in a browser, and looks for on it."""
import os



PICTURES = os.environ.get("PICTURES")


def row(text):
    return "//tbody[@id='publics']/tr[td[text()='%s']]" % text


class Person:
    def __init__(self, page):
        self.page = page

    def picture(self, name):
        """A screenshot, where PICTURES says that they are wanted."""
        if PICTURES:
            os.makedirs(PICTURES, exist_ok=True)
            self.page.picture(os.path.join(PICTURES, name + ".png"))

    def sees(self, what, xpath):
        self.page.wait_for(what, lambda: self.page.shown(xpath))

    def reads(self, text):
        self.page.wait_for("the page says " + text, lambda: text in self.page.text())

    def reads_state(self, identity, word):
        self.sees("%s is %s" % (identity, word), row(identity) + "/td[text()='%s']" % word)

    def signs_in(self, token):
        self.sees("the form", "//input[@id='token']")
        self.page.type("//input[@id='token']", token)
        self.page.click("//form[@id='login']/button")

    def is_signed_in(self):
        self.page.wait_for("signed in", lambda: self.page.shown("//main") and not self.page.shown("//form[@id='login']"))

    def creates(self, name, k, opc, identities, display):
        self.page.type("//form[@id='create']//input[@name='identity']", name)
        self.page.type("//form[@id='create']//input[@name='k']", k)
        self.page.type("//form[@id='create']//input[@name='opc']", opc)
        self.page.type("//form[@id='create']//textarea", "\n".join(identities))
        self.page.type("//form[@id='create']//input[@name='display']", display)
        self.page.click("//form[@id='create']/button")

    def creates_by(self, scheme, name, keys, identities):
        self.page.type("//form[@id='create']//input[@name='identity']", name)
        self.page.run("const s = document.getElementById('scheme'); s.value = arguments[0]; s.dispatchEvent(new Event('change'));",
                      scheme)
        for field, value in keys.items():
            self.page.type("//form[@id='create']//label[@data-for='%s']/input[@name='%s']" % (scheme, field), value)
        self.page.type("//form[@id='create']//textarea", "\n".join(identities))
        self.page.click("//form[@id='create']/button")

    def sees_subscriber(self, name):
        self.sees("the subscriber", "//h2[@id='name'][text()='%s']" % name)

    def sets_criterion(self, priority, server, trigger):
        self.page.run("document.querySelector('#add-ifc [name=priority]').value = arguments[0];", priority)
        self.page.type("//form[@id='add-ifc']//input[@name='server']", server)
        self.page.type("//form[@id='add-ifc']//input[@name='trigger']", trigger)
        self.page.click("//form[@id='add-ifc']/button")
        self.sees("the criterion", "//tbody[@id='ifcs']/tr[td[2][text()='%s']]/td[text()='%s']" % (priority, server))

    def bars(self, identity):
        self.page.click(row(identity) + "//button[text()='Bar']")
        self.reads_state(identity, "barred")

    def withdraws(self):
        self.page.click("//button[@id='withdraw']")
        self.page.accept()
