// Loads a signaling server with messages, for scripts/bench: Socket.IO over WebSocket, spoken on the raw frames, so that
// this end takes little of the time.
//
//   node load.js --url ws://HOST:PORT --eio 3|4 --clients N --seconds S (--window W | --rate R)
//   node load.js --url … --eio 3|4 --clients N --idle
//
// Each client's messages go to all others. --window: as fast as they come back, with so many of each client under way.
// --rate: so many a second altogether. Prints a line of JSON: {"sent":…,"received":…,"seconds":…,"p50_ms":…,"p99_ms":…}.
// --idle: prints "idle" when all are there, and stays until its standard input ends.
const { parseArgs } = require('node:util');
const WebSocket = require('ws');

const { values: options } = parseArgs({
  options: {
    url: { type: 'string' },
    eio: { type: 'string' },
    clients: { type: 'string' },
    seconds: { type: 'string', default: '5' },
    window: { type: 'string' },
    rate: { type: 'string' },
    idle: { type: 'boolean' },
  },
});
const count = Number(options.clients);
const now = () => Number(process.hrtime.bigint()) / 1e6;

// As large as a candidate is.
const kFiller = 'candidate:1467250027 1 udp 2122260223 192.168.0.196 46243 typ host generation 0 ufrag EsAw network-id 1';

function connect() {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`${options.url}/socket.io/?EIO=${options.eio}&transport=websocket`, { perMessageDeflate: false });
    socket.on('error', reject);
    socket.on('message', (data) => {
      const text = data.toString('latin1');
      if (text.startsWith('0')) {
        if (options.eio === '4') socket.send('40');
        else setInterval(() => socket.send('2'), JSON.parse(text.slice(1)).pingInterval).unref();
      } else if (text.startsWith('40')) {
        resolve(socket);
      } else if (text === '2') {
        socket.send('3');
      } else if (socket.onText) {
        socket.onText(text);
      }
    });
  });
}

async function main() {
  const sockets = [];
  while (sockets.length < count) {
    const some = Math.min(20, count - sockets.length);
    sockets.push(...await Promise.all(Array.from({ length: some }, connect)));
  }
  if (options.idle) {
    console.log('idle');
    process.stdin.on('end', () => process.exit(0)).resume();
    return;
  }

  let sent = 0;
  let received = 0;
  let measuring = false;
  const delays = [];
  const back = new Array(count).fill(0);  // deliveries of each client's messages

  const say = (from) => {
    if (measuring) ++sent;
    sockets[from].send(`42["dispatchEvent","{\\"type\\":\\"candidate\\",\\"n\\":\\"<${from} ${now().toFixed(3)}>\\",\\"candidate\\":{\\"candidate\\":\\"${kFiller}\\"}}"]`);
  };
  for (const socket of sockets)
    socket.onText = (text) => {
      const begin = text.indexOf('<');
      if (begin < 0) return;
      const space = text.indexOf(' ', begin);
      const from = Number(text.slice(begin + 1, space));
      if (measuring) {
        ++received;
        delays.push(now() - Number(text.slice(space + 1, text.indexOf('>', space))));
      }
      if (options.window && ++back[from] % (count - 1) === 0) say(from);
    };

  let tick;
  if (options.window) {
    for (let i = 0; i < count; ++i) for (let w = 0; w < Number(options.window); ++w) say(i);
  } else {
    const start = now();
    let due = 0;
    tick = setInterval(() => {
      for (; due < (now() - start) / 1000 * Number(options.rate); ++due) say(due % count);
    }, 1);
  }
  await new Promise((done) => setTimeout(done, 1000));  // warm
  measuring = true;
  const start = now();
  await new Promise((done) => setTimeout(done, 1000 * Number(options.seconds)));
  measuring = false;
  const seconds = (now() - start) / 1000;
  clearInterval(tick);
  delays.sort((a, b) => a - b);
  const percentile = (p) => delays[Math.floor(delays.length * p)];
  console.log(JSON.stringify({ sent, received, seconds, p50_ms: percentile(0.5), p99_ms: percentile(0.99) }));
  process.exit(0);
}

main().catch((error) => {
  console.error(`load: ${error.message}`);
  process.exit(1);
});
