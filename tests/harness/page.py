"""The page that our own relay serves, as a user has it."""

import json


class Page:
    """The relay's page in a browser."""

    def __init__(self, browser, url):
        self.browser = browser
        browser.do("open", url=url)
        browser.wait("number !== ''")
        self.number = browser.evaluate("number")

    def state(self, name, seconds=20):
        try:
            self.browser.wait(f"call.state === '{name}'", seconds)
        except AssertionError as error:
            state = self.browser.evaluate("`${call.state}: ${document.getElementById('state').textContent}`")
            raise AssertionError(f"{self.number} is {state}\n{error}") from None

    def says(self, text, seconds=10):
        self.browser.wait(f"document.getElementById('state').textContent.includes({text!r})", seconds)

    def press(self, selector):
        self.browser.do("click", selector=selector)

    def call(self, number=""):
        self.browser.evaluate(f"document.getElementById('numberField').value = '{number}'")
        self.press("#startBtn")

    def in_call(self):
        self.state("up")
        self.browser.wait_frames(20)

    # Without a mouse, and without eyes

    def tab_to(self, element):
        while self.browser.evaluate("document.activeElement.id") != element:
            self.browser.do("press", key="Tab")

    def accessible(self):
        """{(role, name), …} of what a screen reader finds."""
        return {(node["role"], node.get("name", "")) for node in self.browser.do("accessibility")}

    # What the two write to each other

    def can_write(self, seconds=10):
        self.browser.wait("!document.getElementById('chatField').disabled", seconds)

    def write(self, text):
        self.browser.do("type", selector="#chatField", text=text)
        self.browser.do("press", key="Enter")

    def written(self):
        """[[class, who, text], …] of the log."""
        return self.browser.evaluate("""[...document.querySelectorAll('#chatLog p')].map((line) =>
            [line.className, line.querySelector('b').textContent, line.querySelector('span').textContent])""")

    def shows(self, text, side="theirs", seconds=10):
        self.browser.wait(f"""[...document.querySelectorAll('#chatLog p.{side} span')].some((said) =>
            said.textContent === {json.dumps(text)})""", seconds)


def sees(process):
    """Until an agent has the other's picture."""
    process.event("first-frame", 20, where=lambda event: event["media"] == "video")
