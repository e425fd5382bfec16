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
  if lives(node) then return 0 end
  redis.call('SREM', ARGV[3] .. 'of:' .. node, ARGV[4])
end
redis.call('SET', KEYS[1], ARGV[1] .. ' ' .. ARGV[2])
redis.call('SADD', ARGV[3] .. 'of:' .. ARGV[1], ARGV[4])
return 1`;

const kIsGone = `${kLives}
return lives(ARGV[1]) and 0 or 1`;

const kRelease = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] .. ' ' .. ARGV[2] then return 0 end
redis.call('DEL', KEYS[1])
redis.call('SREM', ARGV[3] .. 'of:' .. ARGV[1], ARGV[4])
return 1`;

class Numbers {
  // `graceMs`: how long the clients of a node that is gone may take to come back.
  constructor(redis, subscriber, node, graceMs) {
    Object.assign(this, { redis, subscriber, node, graceMs });
  }

  async start(onLeft) {
    await this.subscriber.subscribe(`${kPrefix}node:${this.node}`, () => {});
    await this.beat();
    await this.redis.sAdd(`${kPrefix}nodes`, this.node);
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

  beat() {
    return this.redis.set(`${kPrefix}node:${this.node}`, '1', { PX: kDeadMs });
  }

  async run(script, number, client) {
    return await this.redis.eval(script, {
      keys: [`${kPrefix}number:${number}`],
      arguments: [this.node, client, kPrefix, number],
    }) === 1;
  }

  // The number that is wanted, if it is free, else six digits.
  async claim(client, wanted) {
    if (/^[0-9]{1,16}$/.test(wanted || '') && await this.run(kClaim, wanted, client)) return wanted;
    for (;;) {
      const number = String(100000 + Math.floor(Math.random() * 900000));
      if (await this.run(kClaim, number, client)) return number;
    }
  }

  release(client, number) {
    return this.run(kRelease, number, client);
  }

  async exists(number) {
    return await this.redis.exists(`${kPrefix}number:${number}`) === 1;
  }

  // Of nodes that are gone: what nobody took again within the grace has left. One node does it.
  async clearAway(onLeft) {
    for (const node of await this.redis.sMembers(`${kPrefix}nodes`)) {
      if (node === this.node || await this.redis.eval(kIsGone, { arguments: [node] }) !== 1) continue;
      if (!await this.redis.sRem(`${kPrefix}nodes`, node)) continue;
      setTimeout(async () => {
        for (const number of await this.redis.sMembers(`${kPrefix}of:${node}`)) {
          const key = `${kPrefix}number:${number}`;
          if (!(await this.redis.get(key) || '').startsWith(`${node} `)) continue;
          await this.redis.del(key);
          onLeft(number);
        }
        await this.redis.del(`${kPrefix}of:${node}`);
      }, this.graceMs).unref();
    }
  }
}

module.exports = { Numbers };
