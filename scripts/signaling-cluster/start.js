// Starts a signaling cluster on this machine: node start.js --nodes N [--port P] [further options of server.js]
//
// The nodes listen at P, P+1, …; a load balancer stands before them (README). A node that ends unasked is started again.
const { spawn } = require('node:child_process');
const path = require('node:path');
const { parseArgs } = require('node:util');

const { values: options, tokens } = parseArgs({
  options: { nodes: { type: 'string', default: '2' }, port: { type: 'string', default: '3000' } },
  strict: false,
  tokens: true,
});
const count = Number(options.nodes);
const first = Number(options.port);
if (!Number.isInteger(count) || count < 1 || count > 64 || !Number.isInteger(first) || first < 1 || first + count > 65536) {
  console.error('usage: node start.js --nodes 1…64 [--port P] [further options of server.js]');
  process.exit(2);
}
const passed = tokens.filter((token) => token.kind !== 'option' || !['nodes', 'port'].includes(token.name))
  .flatMap((token) => (token.kind === 'option' ? [token.rawName, ...(token.inlineValue ? [token.value] : [])] : [token.value]));

const nodes = new Map();
let stopping = false;

function start(index) {
  const port = String(first + index);
  const child = spawn(process.execPath, [path.join(__dirname, 'server.js'), '--port', port, ...passed],
    { stdio: ['ignore', 'pipe', 'inherit'] });
  nodes.set(index, child);
  let began = false;
  child.stdout.on('data', () => {
    if (!began) console.log(`node ${index + 1} at http://localhost:${port} (process ${child.pid})`);
    began = true;
  });
  child.on('exit', (status, signal) => {
    nodes.delete(index);
    if (stopping) return nodes.size === 0 && process.exit(0);
    if (!began) process.exit(1);  // it has said why
    console.error(`node ${index + 1} ended (${signal || status}): starting it again`);
    setTimeout(() => stopping || start(index), 1000);
  });
}

function stop() {
  stopping = true;
  for (const child of nodes.values()) child.kill('SIGTERM');
  if (nodes.size === 0) process.exit(0);
}

process.on('SIGTERM', stop);
process.on('SIGINT', stop);
for (let i = 0; i < count; ++i) start(i);
