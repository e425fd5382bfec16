// One node of the signaling cluster: the tutorial's server, made ready for many nodes. It speaks what callagent's own
// relay speaks: numbers, "joined", "left", "unknown", and messages that go to whom their "to" names.
//
//   node server.js --port N [--host H] [--redis URL] [--token T] [--allow-origin O]… [--grace MS]
//                  [--ping-interval MS] [--ping-timeout MS]
//
// Prints "listening PORT" once it serves. SIGTERM: its clients go to other nodes, with their numbers.
const crypto = require('node:crypto');
const http = require('node:http');
const { parseArgs } = require('node:util');
const { createAdapter } = require('@socket.io/redis-adapter');
const { createClient } = require('redis');
const { Server } = require('socket.io');
const { Numbers } = require('./numbers');
const { Origins } = require('./origins');

const kNotices = ['id', 'joined', 'left', 'unknown'];
const kMaxMessage = 1e6;   // bytes
const kRate = 200;         // messages a second of one client, with bursts of twice that

const { values: options } = parseArgs({
  options: {
    port: { type: 'string', default: '3000' },
    host: { type: 'string', default: '127.0.0.1' },
    redis: { type: 'string', default: 'redis://127.0.0.1:6379' },
    token: { type: 'string', default: process.env.CALLAGENT_TOKEN },  // undefined: none is demanded
    'allow-origin': { type: 'string', multiple: true, default: [] },
    grace: { type: 'string', default: '10000' },
    'ping-interval': { type: 'string', default: '25000' },
    'ping-timeout': { type: 'string', default: '20000' },
  },
});

const node = crypto.randomUUID();
const log = (text) => console.error(`signaling ${process.pid}: ${text}`);

function fail(text) {
  log(text);
  process.exit(1);
}

// Takes as long whether the first character differs or the last.
function sameSecret(a, b) {
  const digest = (text) => crypto.createHash('sha256').update(String(text)).digest();
  return crypto.timingSafeEqual(digest(a), digest(b));
}

// The JSON object in what a client says; null: none.
function parse(data) {
  try {
    const message = typeof data === 'string' ? JSON.parse(data) : data;
    return message !== null && typeof message === 'object' && !Array.isArray(message) ? message : null;
  } catch {
    return null;
  }
}

function rateLimit() {
  let left = 2 * kRate;
  let last = Date.now();
  return () => {
    const now = Date.now();
    left = Math.min(2 * kRate, left + (now - last) * kRate / 1000) - 1;
    last = now;
    return left >= 0;
  };
}

const room = (number) => `number ${number}`;
const notice = (type, id) => JSON.stringify({ type, id });

async function connectRedis() {
  const redis = createClient({
    url: options.redis,
    // At the start it has to be there; later it is waited for.
    socket: { reconnectStrategy: (retries) => (redis.began ? Math.min(100 * (retries + 1), 2000) : false) },
  });
  redis.on('error', (error) => redis.began && log(`Redis: ${error.message || error.code}; trying again`));
  await redis.connect().catch((error) =>
    fail(`no Redis at ${options.redis} (${error.message || error.code}): start one, or say where with --redis`));
  redis.began = true;
  const subscriber = redis.duplicate();
  subscriber.began = true;
  subscriber.on('error', () => {});
  await subscriber.connect();
  return [redis, subscriber];
}

// The mark in Engine.IO's open packet by which clients know that notices are a server's own. Engine.IO has no option for
// further members: its transport is met before it is used.
function signOpenPackets(engine) {
  const create = engine.createTransport;
  engine.createTransport = function (...request) {
    const transport = create.apply(this, request);
    const send = transport.send;
    transport.send = function (packets) {
      transport.send = send;
      const [first] = packets;
      if (first.type === 'open') first.data = JSON.stringify({ ...JSON.parse(first.data), callagent: true });
      return send.call(transport, packets);
    };
    return transport;
  };
}

function readOrigins() {
  try {
    return new Origins(options['allow-origin'], options.host);
  } catch (error) {
    return fail(`--allow-origin: ${error.message}, or * for all`);
  }
}

async function serve() {
  if (options.token === '') fail('the token (--token, CALLAGENT_TOKEN) is empty: leave it out, or say what it is');
  const origins = readOrigins();
  const [redis, subscriber] = await connectRedis();
  let stopping = false;
  const server = http.createServer((request, response) => {
    // What a load balancer asks.
    const healthy = redis.isReady && !stopping;
    response.writeHead(request.url === '/health' ? (healthy ? 200 : 503) : 404, { 'Content-Type': 'text/plain' });
    response.end(request.url === '/health' && healthy ? 'ok\n' : '');
  });
  const io = new Server(server, {
    adapter: createAdapter(redis, subscriber),
    allowEIO3: true,
    cors: { origin: true, credentials: true },
    maxHttpBufferSize: kMaxMessage,
    pingInterval: Number(options['ping-interval']),
    pingTimeout: Number(options['ping-timeout']),
    allowRequest: (request, answer) => {
      const { searchParams } = new URL(request.url, 'http://localhost');
      const bearer = /^Bearer (.*)$/.exec(request.headers.authorization || '');
      const token = bearer ? bearer[1] : searchParams.get('token');
      if (stopping) return answer('this node ends', false);
      const refusal = origins.refusal(request);
      if (refusal) return answer(`${refusal}: --allow-origin allows it`, false);
      answer('this server demands a token', options.token === undefined || sameSecret(token || '', options.token));
    },
  });
  signOpenPackets(io.engine);
  const numbers = new Numbers(redis, subscriber, node, Number(options.grace));

  io.on('connection', async (socket) => {
    const allowed = rateLimit();
    let number = null;
    const early = [];  // said before it has a number

    socket.on('dispatchEvent', (data) => {
      if (!allowed()) {
        log(`${socket.handshake.address} sends more than ${kRate} messages a second, and is dropped`);
        return socket.disconnect(true);
      }
      if (number === null) return early.push(data);
      inTurn(data);
    });
    socket.on('disconnect', async () => {
      if (number === null || stopping) return;
      if (await numbers.release(socket.id, number).catch(() => false)) io.emit('onEvent', notice('left', number));
    });

    // One after the other, as they were said.
    let tail = Promise.resolve();
    function inTurn(data) {
      tail = tail.then(() => dispatch(data)).catch((error) =>
        log(`a message of ${socket.handshake.address} is not passed on (${error.message})`));
    }

    // Who says what → who is told what. "from" is ours to write.
    async function dispatch(data) {
      const message = parse(data);
      if (!message) return;
      if (kNotices.includes(message.type))
        return log(`${socket.handshake.address} says what only a server says: ${message.type}`);
      const text = JSON.stringify({ ...message, from: number });
      const to = ['string', 'number'].includes(typeof message.to) ? String(message.to) : '';
      if (to === '') return socket.broadcast.emit('onEvent', text);
      if (await numbers.exists(to).catch(() => true)) return io.to(room(to)).emit('onEvent', text);
      socket.emit('onEvent', notice('unknown', to));
    }

    try {
      const mine = await numbers.claim(socket.id, socket.handshake.query.number);
      if (!socket.connected) return numbers.release(socket.id, mine);
      await socket.join(room(mine));
      number = mine;
    } catch (error) {
      log(`no number for ${socket.handshake.address} (${error.message})`);
      return socket.disconnect(true);
    }
    socket.emit('onEvent', notice('id', number));
    socket.broadcast.emit('onEvent', notice('joined', number));
    for (const data of early.splice(0)) inTurn(data);
  });

  async function stop() {
    if (stopping) return;
    stopping = true;
    setTimeout(() => process.exit(0), 5000).unref();
    await numbers.stop().catch(() => {});
    await new Promise((done) => io.close(done));
    await Promise.allSettled([redis.quit(), subscriber.quit()]);
    process.exit(0);
  }
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);

  await numbers.start((gone) => io.emit('onEvent', notice('left', gone)));
  server.on('error', (error) => fail(`cannot listen at ${options.host}:${options.port} (${error.message})`));
  server.listen(Number(options.port), options.host, () => console.log(`listening ${server.address().port}`));
}

serve();
