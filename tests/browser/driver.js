// Starts Chromium and Firefox and does in them what a test says: one JSON object a line on standard
// input, one a line back: {"id":1,"do":"launch","browser":"chromium"} → {"id":1,"result":{…}} or
// {"id":1,"error":"…"}. When standard input ends, every browser it started is killed.
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const readline = require('node:readline');
const puppeteer = require('puppeteer-core');

const kLaunch = {
  chromium: {
    browser: 'chrome',
    executablePath: process.env.CHROMIUM || '/usr/bin/chromium',
    args: [
      '--no-sandbox',  // root
      '--use-fake-ui-for-media-stream',
      '--use-fake-device-for-media-stream=fps=15',  // of 640x480 still, and half the work
      '--autoplay-policy=no-user-gesture-required',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--no-first-run',
      '--disable-gpu',
      '--disable-quic',
    ],
  },
  firefox: {
    browser: 'firefox',
    executablePath: process.env.FIREFOX || '/usr/bin/firefox-esr',
    extraPrefsFirefox: {
      'media.navigator.permission.disabled': true,
      'media.navigator.streams.fake': true,
      'media.navigator.video.default_fps': 15,  // as above
      'media.autoplay.default': 0,
      'media.autoplay.blocking_policy': 0,
    },
  },
};

const browsers = new Map();  // handle → { browser, context, process, profile, pages: [Page], log: [string] }
let last = 0;

function kill({ process: child, profile }) {
  try {
    process.kill(-child.pid, 'SIGKILL');  // its group: puppeteer starts a browser in one of its own
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
  fs.rmSync(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
}

const commands = {
  async launch({ browser: name, args = [], prefs = {}, without = [], insecure = false }) {
    const profile = fs.mkdtempSync(path.join(os.tmpdir(), `callagent-${name}-`));
    const known = kLaunch[name];
    const browser = await puppeteer.launch({
      ...known,
      headless: true,
      userDataDir: profile,
      args: [...(known.args || []).filter((arg) => !without.includes(arg)), ...args],
      acceptInsecureCerts: insecure,
      extraPrefsFirefox: { ...known.extraPrefsFirefox, ...prefs },
      env: { ...process.env, HOME: profile, XDG_CONFIG_HOME: profile, XDG_CACHE_HOME: profile },
      handleSIGINT: false,
      handleSIGTERM: false,
    });
    const entry = { browser, context: browser.defaultBrowserContext(), process: browser.process(), profile, pages: [], log: [] };
    browsers.set(++last, entry);
    return { handle: last, pid: entry.process.pid, version: await browser.version() };
  },

  async open({ entry, url }) {
    const page = await entry.context.newPage();
    page.on('console', (message) => entry.log.push(message.text()));
    page.on('pageerror', (error) => entry.log.push(`error: ${error.message}`));
    entry.pages.push(page);
    await page.goto(url, { waitUntil: 'load' });
    return entry.pages.length - 1;
  },

  // As a browser that was just started: no page, no storage, no permissions of before.
  async fresh({ entry }) {
    const former = entry.context;
    entry.context = await entry.browser.createBrowserContext();
    entry.pages = [];
    entry.log = [];
    if (former !== entry.browser.defaultBrowserContext()) await former.close();
  },

  click: ({ page, selector }) => page.click(selector),
  type: ({ page, selector, text }) => page.type(selector, text),
  press: ({ page, key }) => page.keyboard.press(key),
  scheme: ({ page, name }) => page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: name }]),
  viewport: ({ page, ...size }) => page.setViewport(size),

  // What a screen reader is told: [{ role, name, … }], flat. Chromium only.
  async accessibility({ page }) {
    const flat = (node) => [node, ...(node.children || []).flatMap(flat)];
    return flat(await page.accessibility.snapshot()).map(({ children, ...rest }) => rest);
  },

  // The value of an expression; a promise is awaited.
  evaluate: ({ page, expression }) => page.evaluate(expression),

  // Until an expression is true, which may be a promise.
  async wait({ page, expression, seconds = 20 }) {
    const end = Date.now() + seconds * 1000;
    for (let pause = 5;; pause = Math.min(2 * pause, 50)) {
      const value = await page.evaluate(expression);
      if (value) return value;
      if (Date.now() > end) throw new Error(`not within ${seconds} s: ${expression}`);
      await new Promise((done) => setTimeout(done, pause));
    }
  },

  // RTCPeerConnection.getStats of the tutorial's page as a list.
  stats: ({ page }) => page.evaluate(
      'rtcConnection.getStats().then((report) => [...report.values()].map((s) => ({ ...s })))'),

  screenshot: ({ page, file }) => page.screenshot({ path: file }).then(() => file),
  log: ({ entry }) => entry.log,
  closePage: ({ page }) => page.close(),

  async close({ entry, handle }) {
    browsers.delete(handle);
    await Promise.race([entry.browser.close(), new Promise((done) => setTimeout(done, 5000))])
        .catch(() => {});
    kill(entry);
  },

  kill({ entry, handle }) {
    browsers.delete(handle);
    kill(entry);
  },
};

async function run(line) {
  const { id, do: name, ...request } = JSON.parse(line);
  const reply = { id };
  try {
    if (request.handle) {
      request.entry = browsers.get(request.handle);
      if (!request.entry) throw new Error(`no browser ${request.handle}`);
      request.page = request.entry.pages[request.page ?? request.entry.pages.length - 1];
    }
    reply.result = (await commands[name](request)) ?? null;
  } catch (error) {
    reply.error = String(error.stack || error);
  }
  process.stdout.write(`${JSON.stringify(reply)}\n`);
}

function leave() {
  for (const entry of browsers.values()) kill(entry);
  process.exit(0);
}

readline.createInterface({ input: process.stdin }).on('line', run).on('close', leave);
process.on('SIGTERM', leave);
process.on('SIGINT', leave);
