// The signaling part of the tutorial's page, for the relay's tests.
//
//   node client.js --socketio 2|3|4 --url URL
//
// Prints "connected", then each message that arrives; sends each line of its standard input, and ends
// with it.
const { parseArgs } = require('node:util');

const { values: options } = parseArgs({
  options: { socketio: { type: 'string' }, url: { type: 'string' } },
});

const io = require(`socket.io-client-${options.socketio}`);
const socket = io.connect(options.url, { transports: ['websocket'], reconnection: false });
socket.on('connect', () => console.log('connected'));
socket.on('onEvent', (data) => console.log(data));
socket.on('disconnect', (reason) => console.log(`disconnected ${reason}`));
socket.on('connect_error', (error) => console.log(`error ${error.message}`));

require('node:readline')
  .createInterface({ input: process.stdin })
  .on('line', (line) => socket.emit('dispatchEvent', line))
  .on('close', () => process.exit(0));
