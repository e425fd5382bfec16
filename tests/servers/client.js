// The signaling part of the tutorial's page, for the relay's tests.
//
//   node client.js --socketio 2|3|4 --url URL [--transports polling,websocket|default]
//
// Without --transports it is a WebSocket only; "default" is what the library does by itself: HTTP long-polling, and
// then the change to a WebSocket, which is printed as "upgraded".
//
// Prints "connected", then each message that arrives; sends each line of its standard input, and ends
// with it.
const { parseArgs } = require('node:util');

const { values: options } = parseArgs({
  options: {
    socketio: { type: 'string' },
    url: { type: 'string' },
    transports: { type: 'string', default: 'websocket' },
  },
});

const io = require(`socket.io-client-${options.socketio}`);
const transports = options.transports === 'default' ? {} : { transports: options.transports.split(',') };
const socket = io.connect(options.url, { ...transports, reconnection: false });
const { engine } = socket.io;
engine.on('open', () => console.log(`transport ${engine.transport.name}`));
engine.on('upgrade', (transport) => console.log(`upgraded ${transport.name}`));
socket.on('connect', () => console.log('connected'));
socket.on('onEvent', (data) => console.log(data));
socket.on('disconnect', (reason) => console.log(`disconnected ${reason}`));
socket.on('connect_error', (error) => console.log(`error ${error.message}`));

require('node:readline')
  .createInterface({ input: process.stdin })
  .on('line', (line) => socket.emit('dispatchEvent', line))
  .on('close', () => process.exit(0));
