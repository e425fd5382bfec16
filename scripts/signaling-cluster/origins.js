// Which web pages may use a node, and under which names it is asked for: as callagent's own relay has it. A page that
// somebody has open in a browser reaches whatever that machine reaches.
const isLoopback = (host) => /^(.+\.)?localhost$|^127(\.\d{1,3}){3}$|^\[::1\]$/.test(host);

// Scheme, host and port; null: no origin.
function parse(text) {
  try {
    const url = new URL(text);
    const bare = url.pathname === '/' && !url.search && !url.hash && !url.username && !text.endsWith('/');
    return bare && url.host ? { whole: `${url.protocol}//${url.host}`, host: url.hostname } : null;
  } catch {
    return null;
  }
}

const hostOf = (authority) => parse(`http://${authority.replace(/\.(?=:\d*$|$)/, '')}`)?.host || '';

class Origins {
  // `allowed`: origins besides our own and those of loopback, or '*'. `listens`: the address.
  constructor(allowed, listens) {
    const wrong = allowed.find((text) => text !== '*' && !parse(text));
    if (wrong !== undefined) throw new Error(`'${wrong}' is not an origin; write for example https://example.org`);
    this.any = allowed.includes('*');
    this.allowed = allowed.map(parse).filter(Boolean);
    this.loopback = isLoopback(listens === '::1' ? '[::1]' : listens);
  }

  // Why a request is refused; '' where it is not. A program says neither where it comes from nor, perhaps, whom it asks for.
  refusal({ headers }) {
    const host = headers.host === undefined ? undefined : hostOf(headers.host);
    if (host !== undefined && this.loopback && !this.namesUs(host)) return 'nobody may ask for this node under that name';
    const elsewhere = headers.origin === undefined && headers['sec-fetch-site'] === 'cross-site';
    const origin = elsewhere ? 'null' : headers.origin;
    return origin === undefined || this.allows(parse(origin), host) ? '' : 'that page may not use this server';
  }

  namesUs(host) {
    return this.any || isLoopback(host) || this.allowed.some((one) => one.host === host);
  }

  allows(origin, host) {
    return origin !== null && (this.any || origin.host === host || isLoopback(origin.host) ||
      this.allowed.some((one) => one.whole === origin.whole));
  }
}

module.exports = { Origins };
