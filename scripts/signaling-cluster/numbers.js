// Who has which number, in Redis, for all nodes: a number belongs to one client of one node. A node that goes, killed
// or ended, leaves its numbers behind for a while: whoever had one comes back to another node and gets it again.
//
//   callagent:node:NODE      there while the node lives, and a channel that it listens to: Redis sees at once when a
//                            process is killed, and a little later when a machine or a network is gone
//   callagent:nodes          all nodes, until their numbers are cleared away
//   callagent:of:NODE        the numbers of its clients
//   callagent:number:NUMBER  "NODE CLIENT"

const kPrefix = 'callagent:';
const kBeatMs = 1000;
const kDeadMs = 4000;

// Scripts run by themselves in Redis: nobody comes between.
const kLives = `
local function lives(node)
  local name = 'callagent:node:' .. node
  return redis.call('EXISTS', name) == 1 and redis.call('PUBSUB', 'NUMSUB', name)[2] > 0
end
`;

// Takes a number that is free, or whose node is gone.
const kClaim = `${kLives}
local holder = redis.call('GET', KEYS[1])
if holder then
  local node = string.match(holder, '^(%S+)')
  if holder ~= ARGV[1] .. ' ' .. ARGV[2] and lives(node) then return 0 end
  redis.call('SREM', ARGV[3] .. 'of:' .. node, ARGV[4])
end
redis.call('SET', KEYS[1], ARGV[1] .. ' ' .. ARGV[2])
redis.call('SADD', ARGV[3] .. 'of:' .. ARGV[1], ARGV[4])
return 1`;

const kIsGone = `${kLives}
return lives(ARGV[1]) and 0 or 1`;

const kTakeAway = `
local holder = redis.call('GET', KEYS[1])
if not holder or string.match(holder, '^(%S+)') ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])`;

const kRelease = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] .. ' ' .. ARGV[2] then return 0 end
redis.call('DEL', KEYS[1])
redis.call('SREM', ARGV[3] .. 'of:' .. ARGV[1], ARGV[4])
return 1`;

class Numbers {
  // `graceMs`: how long the clients of a node that is gone may take to come back.
  constructor(redis, subscriber, node, graceMs) {
    Object.assign(this, { redis, subscriber, node, graceMs });
    this.mine = new Map();       // number → client
    this.clearing = new Set();   // nodes that are gone, whose grace runs
  }

  async start(onLeft) {
    await this.subscriber.subscribe(`${kPrefix}node:${this.node}`, () => {});
    await this.beat();
    this.timers = [
      setInterval(() => this.beat().catch(() => {}), kBeatMs),
      setInterval(() => this.clearAway(onLeft).catch(() => {}), kBeatMs),
    ];
  }

  // Its numbers stay, for those who come back.
  async stop() {
    for (const timer of this.timers || []) clearInterval(timer);
    await this.redis.del(`${kPrefix}node:${this.node}`);
  }

  // A Redis that was started anew knows nothing: it is told everything again.
  async beat() {
    await this.redis.set(`${kPrefix}node:${this.node}`, '1', { PX: kDeadMs });
    if (await this.redis.sAdd(`${kPrefix}nodes`, this.node) === 0) return;
    for (const [number, client] of this.mine) await this.run(kClaim, number, client);
  }

  async run(script, number, client) {
    return await this.redis.eval(script, {
      keys: [`${kPrefix}number:${number}`],
      arguments: [this.node, client, kPrefix, number],
    }) === 1;
  }

  // The number that is wanted, if it is free, else six digits.
  async claim(client, wanted) {
    if (/^[0-9]{1,16}$/.test(wanted || '') && await this.run(kClaim, wanted, client)) return this.keep(client, wanted);
    for (;;) {
      const number = String(100000 + Math.floor(Math.random() * 900000));
      if (await this.run(kClaim, number, client)) return this.keep(client, number);
    }
  }

  keep(client, number) {
    this.mine.set(number, client);
    return number;
  }

  release(client, number) {
    if (this.mine.get(number) === client) this.mine.delete(number);
    return this.run(kRelease, number, client);
  }

  async exists(number) {
    return await this.redis.exists(`${kPrefix}number:${number}`) === 1;
  }

  isGone(node) {
    return this.redis.eval(kIsGone, { arguments: [node] }).then((gone) => gone === 1);
  }

  // Of nodes that are gone: what nobody took again within the grace has left. Every node looks; whoever takes a number
  // away says so.
  async clearAway(onLeft) {
    for (const node of await this.redis.sMembers(`${kPrefix}nodes`)) {
      if (node === this.node || this.clearing.has(node) || !await this.isGone(node)) continue;
      this.clearing.add(node);
      setTimeout(() => this.clearNode(node, onLeft).catch(() => {}).finally(() => this.clearing.delete(node)),
        this.graceMs).unref();
    }
  }

  async clearNode(node, onLeft) {
    if (!await this.isGone(node)) return;  // it was only slow
    for (const number of await this.redis.sMembers(`${kPrefix}of:${node}`)) {
      const taken = await this.redis.eval(kTakeAway, { keys: [`${kPrefix}number:${number}`], arguments: [node] });
      if (taken === 1) onLeft(number);
    }
    await this.redis.del(`${kPrefix}of:${node}`);
    await this.redis.sRem(`${kPrefix}nodes`, node);
  }
}

module.exports = { Numbers };
